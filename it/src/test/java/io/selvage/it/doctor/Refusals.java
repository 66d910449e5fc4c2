package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.LocalPortForward;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Certificates that are asked for with a token that is not meant for the CA. */
final class Refusals {
  private static final int SECURE_PORT = 15_012;

  private Refusals() {}

  /** Has the CA refuse one. */
  static void cause(Patient patient) throws Exception {
    var kubectl = patient.kubectl();
    String token =
        kubectl
            .run("create", "token", "sleep", "-n", "sample", "--audience=somebody-else")
            .well()
            .out()
            .strip();
    TrustBundle roots =
        TrustBundle.parse(
            kubectl
                .get("configmap", "istio-ca-root-cert", "-n", "sample")
                .at("/data/root-cert.pem")
                .asString());
    String pod =
        kubectl
            .get("pods", "-n", "istio-system", "-l", "app=" + patient.mesh().deployment())
            .at("/items/0/metadata/name")
            .asString();
    try (LocalPortForward forward =
        patient
            .client()
            .pods()
            .inNamespace("istio-system")
            .withName(pod)
            .portForward(SECURE_PORT)) {
      CertificateClient client =
          new CertificateClient(
              CertificateClient.Settings.of(
                  "127.0.0.1",
                  forward.getLocalPort(),
                  patient.mesh().deployment() + ".istio-system.svc",
                  "Kubernetes"),
              () -> roots,
              () -> Optional.of(token),
              pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
              InstantSource.system(),
              new SecureRandom());
      assertThatThrownBy(() -> client.request(Optional.empty()))
          .isInstanceOf(CertificateRequestFailed.class);
    }
  }
}
