package io.selvage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownChainTest {

  private static final String WHOLE =
      """
      Certificate chain
       0 s:
         i:O = demo.mesh
         a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256
      -----BEGIN CERTIFICATE-----
       1 s:O = demo.mesh
         i:O = demo.mesh
      """;

  @Test
  void eachCertificateIsReadWithItsIssuer() {
    var links = ShownChain.of(WHOLE);
    assertThat(links).hasSize(2);
    assertThat(ShownChain.leafSubject(links)).isEmpty();
    assertThat(ShownChain.rootSubject(links)).isEqualTo("O=demo.mesh");
    assertThat(ShownChain.linked(links)).isTrue();
  }

  @Test
  void aChainWithoutItsRootIsNotWhole() {
    var links = ShownChain.of(" 0 s:CN=leaf\n   i:O=demo.mesh\n");
    assertThat(ShownChain.linked(links)).isFalse();
    assertThat(ShownChain.linked(ShownChain.of("connect: refused"))).isFalse();
  }
}
