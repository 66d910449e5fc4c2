package io.selvage.it.doctor;

import io.selvage.it.cluster.Application;
import io.selvage.it.doctor.Breakage.Heal;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Pods that get no sidecar, or would get none. */
final class InjectionBreakages {
  private InjectionBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.of(
            "SLV3001",
            "R5",
            "a namespace of a revision that is gone",
            patient ->
                patient.kubectl().apply(Application.namespace("lost", "{istio.io/rev: 1-27}")),
            new Heal.ByHand(
                patient -> patient.kubectl().run("delete", "namespace", "lost").well())),
        Breakage.of(
            "SLV3005",
            "R5",
            "a webhook that may be passed over",
            patient -> policy(patient, "Ignore"),
            new Heal.ByHand(patient -> policy(patient, "Fail"))),
        Breakage.of(
            "SLV3006",
            "R1",
            "a Pod that is older than its namespace's label",
            patient -> {
              patient
                  .kubectl()
                  .apply(Application.namespace("late", "{}") + Application.sleep("late"));
              patient.kubectl().awaitRollout("late", "sleep");
              patient.kubectl().apply(label(patient));
            },
            new Heal.ByItsFix(
                patient -> patient.kubectl().run("delete", "namespace", "late").well())),
        Breakage.of(
            "SLV3004",
            "R5",
            "a Service without the port that the webhooks are called by",
            patient -> port(patient, 443, 444),
            new Heal.ByHand(patient -> port(patient, 444, 443))),
        Breakage.of(
                "SLV3007",
                "",
                "a namespace that asks for sidecars and for ambient",
                patient ->
                    patient
                        .kubectl()
                        .apply(
                            Application.namespace(
                                "both",
                                "{istio-injection: enabled, istio.io/dataplane-mode: ambient}")),
                new Heal.ByHand(
                    patient ->
                        patient
                            .kubectl()
                            .run("label", "namespace", "both", "istio-injection-")
                            .well()))
            .afterwards(patient -> patient.kubectl().run("delete", "namespace", "both").well()));
  }

  private static String label(Patient patient) {
    return Application.namespace("late", "{" + patient.mesh().label() + "}");
  }

  /** Leads the webhooks' calls to another port of the control plane's Pods; gives the last one. */
  static int answerAt(Patient patient, int target) {
    JsonNode ports =
        patient
            .kubectl()
            .get("service", patient.mesh().deployment(), "-n", "istio-system")
            .at("/spec/ports");
    int index = 0;
    while (ports.path(index).path("port").asInt() != 443) {
      index++;
    }
    patient
        .kubectl()
        .run(
            "patch",
            "service",
            patient.mesh().deployment(),
            "-n",
            "istio-system",
            "--type=json",
            "-p",
            "[{\"op\": \"replace\", \"path\": \"/spec/ports/%d/targetPort\", \"value\": %d}]"
                .formatted(index, target))
        .well();
    return ports.path(index).path("targetPort").asInt();
  }

  /** Gives a port of the control plane's Service another number. */
  private static void port(Patient patient, int from, int to) {
    patient
        .kubectl()
        .shell(
            """
      kubectl --context="${CTX}" get service %s -n istio-system -o json | python3 -c 'import json, sys
      service = json.load(sys.stdin)
      for port in service["spec"]["ports"]:
        if port["port"] == %d: port["port"] = %d
      print(json.dumps(service))' | kubectl --context="${CTX}" replace -f -
      """
                .formatted(patient.mesh().deployment(), from, to))
        .well();
  }

  private static void policy(Patient patient, String policy) {
    patient
        .kubectl()
        .shell(
            """
      kubectl --context="${CTX}" get mutatingwebhookconfiguration %s -o json | python3 -c 'import json, sys
      hooks = json.load(sys.stdin)
      for hook in hooks["webhooks"]: hook["failurePolicy"] = "%s"
      print(json.dumps(hooks))' | kubectl --context="${CTX}" replace -f -
      """
                .formatted(patient.mesh().injector(), policy))
        .well();
  }
}
