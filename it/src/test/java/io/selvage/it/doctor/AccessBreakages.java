package io.selvage.it.doctor;

import io.selvage.it.doctor.Breakage.Heal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** A doctor who does not see the cluster, or not as it is. */
final class AccessBreakages {
  private AccessBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.of(
            "SLV0001",
            "R11",
            "a context whose server is an address where nobody listens",
            patient -> {
              Path own = own(patient);
              patient
                  .kubectl()
                  .shell(
                      """
                      cluster=$(kubectl config view -o jsonpath='{.clusters[0].name}')
                      kubectl --kubeconfig=%s config set-cluster "$cluster" --server=https://127.0.0.1:1
                      """
                          .formatted(own))
                  .well();
              patient.lookBy(own);
            },
            new Heal.ByHand(Patient::lookAsBefore)),
        Breakage.of(
                "SLV0002",
                "R1-R10",
                "a user with the ClusterRole view alone",
                patient -> {
                  Path own = own(patient);
                  makeViewer(patient, own);
                  patient.lookBy(own);
                },
                new Heal.ByItsFix(
                    patient ->
                        patient
                            .kubectl()
                            .run(
                                "create",
                                "clusterrolebinding",
                                "selvage-doctor",
                                "--clusterrole=selvage-doctor",
                                "--user=viewer")
                            .well()))
            .afterwards(
                patient -> {
                  patient.lookAsBefore();
                  patient
                      .kubectl()
                      .run(
                          "delete",
                          "certificatesigningrequest/viewer",
                          "clusterrole/selvage-doctor",
                          "clusterrolebinding/selvage-doctor",
                          "clusterrolebinding/viewer",
                          "--ignore-not-found")
                      .well();
                }),
        Breakage.of(
            "SLV0004",
            "R3 R10",
            "a doctor whose own clock is ten minutes ahead",
            patient -> patient.lookFromAhead(Duration.ofMinutes(10)),
            new Heal.ByHand(Patient::lookAsBefore)));
  }

  /** A user as an administrator makes one: by a certificate of the cluster's. */
  private static void makeViewer(Patient patient, Path own) {
    patient
        .kubectl()
        .shell(
            """
      set -e
      kubectl() { command kubectl --context="${CTX}" "$@"; }
      openssl req -new -newkey rsa:2048 -nodes -subj /CN=viewer -keyout %1$s.key -out %1$s.csr
      kubectl apply -f - <<END
      apiVersion: certificates.k8s.io/v1
      kind: CertificateSigningRequest
      metadata: {name: viewer}
      spec: {request: $(base64 -w0 %1$s.csr), signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
      END
      kubectl certificate approve viewer
      kubectl wait certificatesigningrequest viewer --for=jsonpath='{.status.certificate}' --timeout=20s
      kubectl get certificatesigningrequest viewer -o jsonpath='{.status.certificate}' | base64 -d >%1$s.crt
      kubectl create clusterrolebinding viewer --clusterrole=view --user=viewer
      kubectl --kubeconfig=%1$s config set-credentials viewer --client-certificate=%1$s.crt --client-key=%1$s.key
      kubectl --kubeconfig=%1$s config set-context "${CTX}" --user=viewer
      """
                .formatted(own))
        .well();
  }

  /** A copy of the kubeconfig. */
  private static Path own(Patient patient) throws IOException {
    Path own = patient.folder().resolve("viewer.kubeconfig");
    return Files.copy(patient.kubectl().kubeconfig(), own, StandardCopyOption.REPLACE_EXISTING);
  }
}
