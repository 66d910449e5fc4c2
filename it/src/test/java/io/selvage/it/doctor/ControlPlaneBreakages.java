package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.cluster.IstioInstalled;
import io.selvage.it.cluster.Selvage;
import io.selvage.it.doctor.Breakage.Heal;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** A control plane that may not, cannot, or is not believed. */
final class ControlPlaneBreakages {
  private static final String GITOPS =
      "apply --server-side --force-conflicts --field-manager=argocd-controller -f -";
  private static final Set<String> WRITES = Set.of("update", "patch");

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
                  var _ = tryPod(patient);
                },
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV3003", "SLV6001"),
        Breakage.of(
                "SLV3003",
                "R5",
                "a caBundle that GitOps writes, and the control plane may not",
                patient -> {
                  Rights.without(patient.kubectl(), "mutatingwebhookconfigurations", WRITES);
                  writeBundle(patient, GITOPS);
                },
                new Heal.ByHand(
                    patient -> {
                      restoreRole(patient);
                      write(patient, "hook[\"clientConfig\"].pop(\"caBundle\", None)", GITOPS);
                    }))
            .with("SLV3002", "SLV6001"));
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
                patient ->
                    Rights.without(
                        patient.kubectl(),
                        "customresourcedefinitions",
                        Set.of("get", "list", "watch")),
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV6001",
                "R7",
                "a ClusterRole without peerauthentications",
                patient ->
                    Rights.without(
                        patient.kubectl(), "peerauthentications", Set.of("get", "list", "watch")),
                new Heal.ByHand(ControlPlaneBreakages::install))
            .on(Patient.Mesh.SELVAGE),
        Breakage.of(
                "SLV6002",
                "R9",
                "a binding that names the ServiceAccount of an old version",
                ControlPlaneBreakages::bindAnother,
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV6001")
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV6002",
                "R9",
                "a binding that names the ServiceAccount of an old version",
                ControlPlaneBreakages::bindAnother,
                new Heal.ByHand(ControlPlaneBreakages::install))
            .with("SLV6001")
            .on(Patient.Mesh.SELVAGE),
        Breakage.of(
                "SLV6003",
                "R9",
                "a ClusterRole that is gone",
                ControlPlaneBreakages::deleteRole,
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV6001")
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV6003",
                "R9",
                "a ClusterRole that is gone",
                ControlPlaneBreakages::deleteRole,
                new Heal.ByHand(ControlPlaneBreakages::install))
            .with("SLV6001")
            .on(Patient.Mesh.SELVAGE),
        Breakage.of(
                "SLV2011",
                "R4",
                "the API server does not know the control plane's certificate",
                patient -> {
                  loseBundle(patient);
                  // it may go on with the bundle of before for a moment
                  Until.holds("no Pod can be injected", () -> tryPod(patient).exit() != 0);
                  assertThat(tryPod(patient).exit()).isNotZero();
                },
                new Heal.ByHand(
                    patient -> {
                      restoreRole(patient);
                      restart(patient);
                    }))
            .with("SLV3002", "SLV3003", "SLV5004", "SLV6001")
            .lasting(),
        // a new Pod, which has not logged what those above look for
        Breakage.of(
                "SLV5001",
                "R10",
                "a control plane that was told another cluster's issuer",
                patient -> rule(patient, "JWT_RULE=" + OTHER_ISSUER),
                new Heal.ByHand(patient -> rule(patient, "JWT_RULE-")))
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

  private static final String OTHER_ISSUER =
      """
      {"issuer": "https://other.invalid", "jwks_uri": "https://other.invalid/keys", "audiences": ["istio-ca"]}\
      """;

  private static void rule(Patient patient, String variable) {
    String deployment = patient.mesh().deployment();
    patient
        .kubectl()
        .run("set", "env", "deployment/" + deployment, "-n", "istio-system", variable)
        .well();
    patient.kubectl().awaitRollout("istio-system", deployment);
  }

  private static void bindAnother(Patient patient) {
    for (String binding : patient.mesh().roles()) {
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
  }

  private static void deleteRole(Patient patient) {
    patient.kubectl().run("delete", "clusterrole", patient.mesh().roles().getFirst()).well();
  }

  private static void loseBundle(Patient patient) throws Exception {
    Rights.without(patient.kubectl(), "mutatingwebhookconfigurations", WRITES);
    writeBundle(patient, "replace -f -");
  }

  /** Writes the cluster's own CA, which has not signed what the control plane serves. */
  private static void writeBundle(Patient patient, String how) throws Exception {
    String other =
        Base64.getEncoder()
            .encodeToString(
                patient
                    .kubectl()
                    .get("configmap", "kube-root-ca.crt", "-n", Patient.SAMPLE)
                    .at("/data/ca.crt")
                    .asString()
                    .getBytes(StandardCharsets.US_ASCII));
    Until.holds(
        "the control plane may not write it any more",
        () -> {
          write(patient, "hook[\"clientConfig\"][\"caBundle\"] = \"%s\"".formatted(other), how);
          return patient
              .kubectl()
              .get("mutatingwebhookconfiguration", patient.mesh().injector())
              .at("/webhooks/0/clientConfig/caBundle")
              .asString("")
              .equals(other);
        });
  }

  /** Writes the injector's webhooks, each changed in one way, by one of {@code kubectl}'s. */
  private static void write(Patient patient, String change, String how) {
    patient
        .kubectl()
        .shell(
            """
      kubectl --context="${CTX}" get mutatingwebhookconfiguration %s -o json | python3 -c 'import json, sys
      hooks = json.load(sys.stdin)
      for hook in hooks["webhooks"]: %s
      for field in ["managedFields", "resourceVersion", "uid"]: hooks["metadata"].pop(field, None)
      print(json.dumps(hooks))' | kubectl --context="${CTX}" %s
      """
                .formatted(patient.mesh().injector(), change, how))
        .well();
  }

  /** Asks for a Pod, which the API server refuses while it does not believe the webhook. */
  private static Tool.Ran tryPod(Patient patient) {
    return patient
        .kubectl()
        .run("run", "tried", "-n", "sample", "--image=none.invalid/none", "--dry-run=server");
  }

  /** As the install manifest has it. */
  static void restoreRole(Patient patient) {
    patient
        .kubectl()
        .applyServerSide(
            switch (patient.mesh()) {
              case ISTIO -> IstioInstalled.rights();
              case SELVAGE -> Selvage.rights();
            });
  }

  /** What Selvage's doctor tells, in its own words. */
  private static void install(Patient patient) {
    new Selvage(patient.kubectl().kubeconfig())
        .run("install", "--context", patient.kubectl().context(), "--force-conflicts", "--yes")
        .well();
  }

  private static void restart(Patient patient) {
    String deployment = patient.mesh().deployment();
    patient
        .kubectl()
        .run("rollout", "restart", "deployment/" + deployment, "-n", "istio-system")
        .well();
    patient.kubectl().awaitRollout("istio-system", deployment);
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
