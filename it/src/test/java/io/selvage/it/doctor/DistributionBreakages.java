package io.selvage.it.doctor;

import io.selvage.it.doctor.Breakage.Heal;
import java.util.List;

/** Configuration that does not arrive where it should. */
final class DistributionBreakages {
  private DistributionBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.written(
                "SLV7001",
                "R6",
                "an EnvoyFilter that no proxy accepts",
                """
                apiVersion: networking.istio.io/v1alpha3
                kind: EnvoyFilter
                metadata: {name: broken, namespace: sample}
                spec:
                  configPatches:
                  - applyTo: CLUSTER
                    match: {context: SIDECAR_OUTBOUND}
                    patch: {operation: ADD, value: {name: broken, type: STATIC, connect_timeout: 0s}}
                """)
            .on(Patient.Mesh.ISTIO),
        definition());
  }

  private static Breakage definition() {
    Changed definition =
        new Changed("customresourcedefinition", "workloadentries.networking.istio.io");
    return Breakage.of(
        "SLV7004",
        "R7",
        "a definition of Istio's that somebody removed",
        patient -> definition.remove(patient.kubectl()),
        new Heal.ByHand(patient -> definition.restore(patient.kubectl())));
  }
}
