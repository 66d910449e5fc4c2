package io.selvage.pki;

import static io.selvage.pki.TestAuthority.RANDOM;
import static io.selvage.pki.TestAuthority.SLEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.PkiException.Reason;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;

class WorkloadCertificateTest {
  @Test
  void survivesPem() throws PkiException {
    WorkloadCertificate issued = issue();

    WorkloadCertificate read = WorkloadCertificate.parse(issued.chainPem(), issued.privateKeyPem());

    assertThat(read.spiffeId()).isEqualTo(SLEEP);
    assertThat(read.sha256Hex()).isEqualTo(issued.sha256Hex()).hasSize(64);
  }

  @Test
  void neverPrintsItsKey() throws PkiException {
    WorkloadCertificate issued = issue();
    CaCredentials root = TestAuthority.root();
    String key = issued.privateKeyPem().lines().skip(1).findFirst().orElseThrow();

    assertThat(issued.toString()).contains(SLEEP.toString()).doesNotContain(key.substring(30));
    assertThat(root.toString())
        .doesNotContain(root.privateKeyPem().lines().skip(1).findFirst().orElseThrow());
  }

  @Test
  void refusesAKeyOfAnother() throws PkiException {
    WorkloadCertificate issued = issue();

    for (KeyAlgorithm algorithm : List.of(KeyAlgorithm.ECDSA_P256, KeyAlgorithm.RSA_2048)) {
      assertThatThrownBy(
              () -> WorkloadCertificate.of(algorithm.generate(RANDOM).getPrivate(), issued.chain()))
          .isInstanceOfSatisfying(
              PkiException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY_MISMATCH));
    }
  }

  @Test
  void aBundleKeepsEachRootOnceInItsOrder() throws PkiException {
    CaCredentials one = TestAuthority.root();
    CaCredentials two = TestAuthority.root();
    TrustBundle both = TrustBundle.of(one.root()).with(two.root()).with(one.root());

    assertThat(both.fingerprints())
        .containsExactly(Fingerprint.sha256Hex(one.root()), Fingerprint.sha256Hex(two.root()));
    assertThat(TrustBundle.parse(both.pem())).isEqualTo(both);
    assertThat(both.without(Fingerprint.sha256Hex(one.root())))
        .isEqualTo(TrustBundle.of(two.root()));
  }

  @Test
  void aBundleHoldsNoLeaf() throws PkiException {
    String leaf = issue().chainPem();

    assertThatThrownBy(() -> TrustBundle.parse(leaf)).hasMessageContaining("CA:TRUE");
  }

  @Test
  void aBundleHoldsNoPrivateKey() throws PkiException {
    String key = issue().privateKeyPem();

    assertThatThrownBy(() -> TrustBundle.parse(key))
        .hasMessageContaining("PRIVATE KEY")
        .isInstanceOf(PkiException.class);
  }

  @Test
  void readsTheOlderKeyForms() throws Exception {
    KeyPair rsa = KeyAlgorithm.RSA_2048.generate(RANDOM);
    byte[] pkcs1 =
        PrivateKeyInfo.getInstance(rsa.getPrivate().getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    KeyPair ec = KeyAlgorithm.ECDSA_P256.generate(RANDOM);
    byte[] sec1 =
        new ECPrivateKey(
                256,
                ((java.security.interfaces.ECPrivateKey) ec.getPrivate()).getS(),
                new ASN1ObjectIdentifier("1.2.840.10045.3.1.7"))
            .getEncoded();

    assertThat(
            Signatures.belongTogether(
                Pem.privateKey(Pem.block("RSA PRIVATE KEY", pkcs1)), rsa.getPublic()))
        .isTrue();
    assertThat(
            Signatures.belongTogether(
                Pem.privateKey(Pem.block("EC PRIVATE KEY", sec1)), ec.getPublic()))
        .isTrue();
  }

  @Test
  void saysThatAKeyIsEncrypted() {
    assertThatThrownBy(
            () -> Pem.privateKey(Pem.block("ENCRYPTED PRIVATE KEY", new byte[] {0x30, 0})))
        .isInstanceOf(PkiException.class)
        .hasMessageContaining("passphrase");
  }

  @Property
  void anyTextIsAKeyOrAPkiException(@ForAll String text) {
    assertThatThrownBy(
            () ->
                Pem.privateKey(
                    "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----"))
        .isInstanceOf(PkiException.class);
    assertThatThrownBy(() -> TrustBundle.parse(text)).isInstanceOf(PkiException.class);
  }

  private static WorkloadCertificate issue() throws PkiException {
    return TestAuthority.authority(TestAuthority.root())
        .issue(KeyAlgorithm.DEFAULT, SLEEP, Duration.ofHours(1));
  }
}
