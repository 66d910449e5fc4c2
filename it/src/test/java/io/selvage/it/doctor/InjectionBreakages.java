package io.selvage.it.doctor;

import io.selvage.it.cluster.Application;
import io.selvage.it.doctor.Breakage.Heal;
import java.util.List;

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
                patient -> patient.kubectl().run("delete", "namespace", "late").well())));
  }

  private static String label(Patient patient) {
    return Application.namespace("late", "{" + patient.mesh().label() + "}");
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
