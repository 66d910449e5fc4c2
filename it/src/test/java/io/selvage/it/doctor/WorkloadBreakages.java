package io.selvage.it.doctor;

import io.selvage.it.cluster.SelvageImage;
import io.selvage.it.doctor.Breakage.Act;
import io.selvage.it.doctor.Breakage.Heal;
import io.selvage.it.stage.Until;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A workload whose certificate, token or proxy is not what it should be. */
final class WorkloadBreakages {
  private static final String OWN = "spiffe://cluster.local/ns/sample/sa/odd";

  private WorkloadBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        mounted(
            "SLV1005",
            "R3",
            "a workload whose mounted certificate is another CA's",
            new MountedCertificate(OWN, false, Duration.ofMinutes(1), Duration.ofHours(1))),
        mounted(
            "SLV1007",
            "R3",
            "a workload whose mounted certificate was not renewed",
            new MountedCertificate(OWN, true, Duration.ofHours(9), Duration.ofHours(1))),
        mounted(
            "SLV1008",
            "R2",
            "a workload whose mounted certificate is another workload's",
            new MountedCertificate(
                "spiffe://cluster.local/ns/sample/sa/sleep",
                true,
                Duration.ofMinutes(1),
                Duration.ofHours(1))),
        Breakage.of(
                "SLV1001",
                "R3",
                "a workload that was injected for another CA",
                patient -> patient.kubectl().apply(odd(ELSEWHERE)),
                new Heal.ByHand(WorkloadBreakages::anew))
            .with("SLV1006")
            .on(Patient.Mesh.ISTIO)
            .afterwards(WorkloadBreakages::gone),
        Breakage.of(
                "SLV1006",
                "R3",
                "a workload that starts while the control plane may not have tokens reviewed",
                patient -> {
                  Rights.without(patient.kubectl(), "tokenreviews", Set.of("create"));
                  patient.kubectl().apply(odd("{}"));
                },
                new Heal.ByHand(
                    patient -> {
                      ControlPlaneBreakages.restoreRole(patient);
                      patient
                          .kubectl()
                          .run("rollout", "restart", "deployment/odd", "-n", Patient.SAMPLE)
                          .well();
                      patient.kubectl().awaitRollout(Patient.SAMPLE, "odd");
                    }))
            .with("SLV6001")
            .on(Patient.Mesh.ISTIO)
            .afterwards(WorkloadBreakages::gone),
        Breakage.of(
                "SLV5002",
                "R10",
                "a workload whose token is for somebody else",
                patient -> {
                  audience(patient, "istio-ca", "somebody-else");
                  Until.holds("it is injected so", () -> isInjectedFor(patient, "somebody-else"));
                  patient.kubectl().apply(odd("{}"));
                },
                new Heal.ByHand(
                    patient -> {
                      audience(patient, "somebody-else", "istio-ca");
                      Until.holds("it is injected so", () -> isInjectedFor(patient, "istio-ca"));
                      patient
                          .kubectl()
                          .run("rollout", "restart", "deployment/odd", "-n", Patient.SAMPLE)
                          .well();
                      patient.kubectl().awaitRollout(Patient.SAMPLE, "odd");
                    }))
            .with("SLV1006")
            .on(Patient.Mesh.ISTIO)
            .afterwards(WorkloadBreakages::gone));
  }

  /** Of the tokens of Pods that are injected from now on. */
  private static void audience(Patient patient, String from, String to) {
    String aud = "\\\"aud\\\": \\\"%s\\\"";
    TrustBreakages.replace(
        patient, "istio-sidecar-injector", "values", aud.formatted(from), aud.formatted(to));
  }

  private static boolean isInjectedFor(Patient patient, String audience) {
    return patient
        .kubectl()
        .run(
            "run", "tried", "-n", "sample", "--image=none.invalid/none", "--dry-run=server", "-o", "json")
        .out()
        .contains("\"audience\": \"" + audience);
  }

  /** Injected as everybody else, and made anew. */
  private static void anew(Patient patient) {
    patient.kubectl().apply(odd("{}"));
    patient.kubectl().awaitRollout(Patient.SAMPLE, "odd");
  }

  private static final String ELSEWHERE =
      """
      {proxy.istio.io/config: '{"proxyMetadata": {"CA_ADDR": "cert-manager-istio-csr.cert-manager.svc:443"}}'}""";

  /** The Secret is put right, and the workload made anew by its finding's fix. */
  private static Breakage mounted(
      String code, String row, String what, MountedCertificate certificate) {
    Act breaks =
        patient -> {
          certificate.write(patient);
          patient.kubectl().apply(odd(MountedCertificate.ANNOTATIONS));
          patient.kubectl().awaitRollout(Patient.SAMPLE, "odd");
          MountedCertificate.right("odd").write(patient);
        };
    return Breakage.of(code, row, what, breaks, new Heal.ByItsFix())
        .on(Patient.Mesh.ISTIO)
        .afterwards(WorkloadBreakages::gone);
  }

  /** Takes the workload away. */
  static void gone(Patient patient) {
    patient
        .kubectl()
        .run(
            "delete",
            "-n",
            Patient.SAMPLE,
            "deployment/odd",
            "serviceaccount/odd",
            "secret/" + MountedCertificate.SECRET,
            "--ignore-not-found")
        .well();
  }

  /**
   * A workload of its own.
   *
   * @param annotations for its Pods, as {@code {a: b}}
   */
  static String odd(String annotations) {
    return """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: odd, namespace: sample}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: odd, namespace: sample}
    spec:
      selector: {matchLabels: {app: odd}}
      strategy: {type: Recreate}
      template:
        metadata:
          labels: {app: odd}
          annotations:
            %s
        spec:
          serviceAccountName: odd
          terminationGracePeriodSeconds: 0
          containers:
          - name: odd
            image: %s
            imagePullPolicy: Never
            command: [sleep, infinity]
    """
        .formatted(annotations, SelvageImage.NAME);
  }
}
