package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What openssl tells of a handshake. */
final class ServedChainTest {
  private static final String LEAF =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  private static final String ROOT =
      "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";

  @Test
  void theChainIsReadAsItWasSentAndTheLeafOnce() {
    String out =
        """
        CONNECTED(00000003)
        ---
        Certificate chain
         0 s:
           i:O = cluster.local
        %s 1 s:O = cluster.local
        %s---
        Server certificate
        %ssubject=
        ---
        New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
        ALPN protocol: istio
        """
            .formatted(LEAF, ROOT, LEAF);
    assertThat(ServedChain.of(out, ""))
        .isEqualTo(
            Look.seen(
                new Handshake.Served(
                    List.of(LEAF, ROOT), "TLSv1.3", "TLS_AES_256_GCM_SHA384", "istio")));
  }

  @Test
  void withoutACertificateItSaysWhatOpensslSaid() {
    assertThat(ServedChain.of("CONNECTED(00000003)\n", "write:errno=104"))
        .isEqualTo(Look.unseen("no certificate was served: write:errno=104"));
  }
}
