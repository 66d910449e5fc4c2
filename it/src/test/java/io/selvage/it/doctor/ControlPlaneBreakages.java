package io.selvage.it.doctor;

import io.selvage.it.cluster.IstioInstalled;
import io.selvage.it.doctor.Breakage.Act;
import io.selvage.it.doctor.Breakage.Heal;
import java.util.List;

/** A control plane that may not, cannot, or is not believed. */
final class ControlPlaneBreakages {
  private static final String ROLE = "istiod-clusterrole-istio-system";

  private ControlPlaneBreakages() {}

  /** Those whose traces in the log {@link #last} finds again. */
  static List<Breakage> first() {
    return List.of(
        Breakage.of(
                "SLV3002",
                "R5",
                "a caBundle of another CA, which the control plane may not mend",
                patient -> {
                  loseBundle(patient);
                  tryPod(patient);
                },
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV3003", "SLV6001")
            .on(Patient.Mesh.ISTIO));
  }

  /** The rest. */
  static List<Breakage> last() {
    return List.of(
        Breakage.of(
                "SLV5004",
                "R10",
                "callers whose tokens are for somebody else",
                patient -> {
                  Refusals.cause(patient);
                  Refusals.cause(patient);
                },
                new Heal.ByHand(_ -> {}))
            .lasting(),
        Breakage.of(
                "SLV6001",
                "R7",
                "a ClusterRole without customresourcedefinitions",
                without("\"customresourcedefinitions\" in r[\"resources\"]"),
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV6002",
                "R9",
                "a binding that names the ServiceAccount of an old version",
                patient -> {
                  for (String binding : List.of(ROLE, "istiod-gateway-controller-istio-system")) {
                    patient
                        .kubectl()
                        .run(
                            "patch",
                            "clusterrolebinding",
                            binding,
                            "--type=json",
                            "-p",
                            "[{\"op\": \"replace\", \"path\": \"/subjects/0/name\", \"value\":"
                                + " \"istiod-service-account\"}]")
                        .well();
                  }
                },
                new Heal.ByHand(ControlPlaneBreakages::restoreRole))
            .with("SLV6001")
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV6003",
                "R9",
                "a ClusterRole that is gone",
                patient -> patient.kubectl().run("delete", "clusterrole", ROLE).well(),
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV6001")
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV2011",
                "R4",
                "the API server does not know istiod's certificate",
                patient -> {
                  loseBundle(patient);
                  tryPod(patient);
                  tryPod(patient);
                },
                new Heal.ByHand(
                    patient -> {
                      restoreRole(patient);
                      patient
                          .kubectl()
                          .run("rollout", "restart", "deployment/istiod", "-n", "istio-system")
                          .well();
                      patient.kubectl().awaitRollout("istio-system", "istiod");
                    }))
            .with("SLV3002", "SLV3003", "SLV5004", "SLV6001")
            .lasting()
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV0005",
                "R4",
                "a control plane without replicas",
                patient -> scale(patient, 0),
                new Heal.ByHand(
                    patient -> {
                      scale(patient, 1);
                      patient.kubectl().awaitRollout("istio-system", patient.mesh().deployment());
                      patient.awaitProxies();
                    }))
            .with("SLV3004"));
  }

  private static Act without(String condition) {
    return patient ->
        patient
            .kubectl()
            .shell(
                """
      kubectl --context="${CTX}" get clusterrole %s -o json | python3 -c 'import json, sys
      role = json.load(sys.stdin)
      role["rules"] = [r for r in role["rules"] if not (%s)]
      print(json.dumps(role))' | kubectl --context="${CTX}" replace -f -
      """
                    .formatted(ROLE, condition))
            .well();
  }

  private static void loseBundle(Patient patient) throws Exception {
    without("\"mutatingwebhookconfigurations\" in r[\"resources\"]").on(patient);
    patient
        .kubectl()
        .shell(
            """
      export CA=$(kubectl --context="${CTX}" config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}')
      kubectl --context="${CTX}" get mutatingwebhookconfiguration %s -o json | python3 -c 'import json, os, sys
      hooks = json.load(sys.stdin)
      for hook in hooks["webhooks"]: hook["clientConfig"]["caBundle"] = os.environ["CA"]
      print(json.dumps(hooks))' | kubectl --context="${CTX}" replace -f -
      """
                .formatted(patient.mesh().injector()))
        .well();
  }

  /** Asks for a Pod, which the API server refuses while it does not believe the webhook. */
  private static void tryPod(Patient patient) {
    patient
        .kubectl()
        .run("run", "tried", "-n", "sample", "--image=none.invalid/none", "--dry-run=server");
  }

  private static void restoreRole(Patient patient) {
    patient.kubectl().applyServerSide(IstioInstalled.rights());
  }

  private static void scale(Patient patient, int replicas) {
    patient
        .kubectl()
        .run(
            "scale",
            "deployment/" + patient.mesh().deployment(),
            "-n",
            "istio-system",
            "--replicas=" + replicas)
        .well();
  }
}
