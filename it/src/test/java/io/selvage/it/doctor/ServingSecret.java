package io.selvage.it.doctor;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

/** A Secret of a certificate that a gateway serves, of a CA that is thrown away. */
final class ServingSecret {
  private ServingSecret() {}

  /** Its manifest. */
  static String of(String namespace, String name, String host) {
    try {
      var random = new SecureRandom();
      var profile = new CaProfile.Istiod("cluster.local");
      CaCredentials root =
          CaCredentials.selfSigned(
              profile,
              KeyAlgorithm.DEFAULT,
              Duration.ofDays(365),
              InstantSource.system().instant(),
              random);
      WorkloadCertificate leaf =
          new CertificateAuthority(
                  root,
                  profile,
                  CertificateAuthority.Limits.DEFAULT,
                  InstantSource.system(),
                  random)
              .issueServing(
                  KeyAlgorithm.DEFAULT,
                  SpiffeId.parse("spiffe://cluster.local/ns/web/sa/web"),
                  List.of(host),
                  Duration.ofDays(80));
      return """
      apiVersion: v1
      kind: Secret
      metadata: {name: %s, namespace: %s}
      type: kubernetes.io/tls
      data: {tls.crt: %s, tls.key: %s}
      ---
      """
          .formatted(name, namespace, encoded(leaf.chainPem()), encoded(leaf.privateKeyPem()));
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
