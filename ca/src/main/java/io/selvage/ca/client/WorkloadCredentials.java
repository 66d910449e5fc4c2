package io.selvage.ca.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** TLS credentials with which a workload meets a CA or a control plane. */
public final class WorkloadCredentials {
  private WorkloadCredentials() {}

  /**
   * Credentials for one channel.
   *
   * @param roots by which the server is known, which shows the channel's host name
   * @param own what the workload shows of itself; empty: nothing, a token speaks for it
   * @throws IllegalArgumentException when the certificate or its key cannot be used
   */
  public static ChannelCredentials of(TrustBundle roots, Optional<WorkloadCertificate> own) {
    var credentials = TlsChannelCredentials.newBuilder().trustManager(roots.hostTrustManager());
    if (own.isPresent()) {
      try {
        credentials.keyManager(pem(own.get().chainPem()), pem(own.get().privateKeyPem()));
      } catch (IOException e) {
        throw new IllegalArgumentException("the certificate or its key cannot be read", e);
      }
    }
    return credentials.build();
  }

  private static ByteArrayInputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }
}
