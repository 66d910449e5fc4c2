package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.it.stage.Until;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Policies that are not in force: probes show that, and nothing else. That all is well again once
 * it is mended is what {@link Probed} begins with.
 */
final class PoliciesOnTrial {
  /** Every policy that is written from now on is only tried. */
  private static final String TRIAL =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingAdmissionPolicy
      metadata: {name: policies-on-trial}
      spec:
        matchConstraints:
          resourceRules:
          - apiGroups: [security.istio.io]
            apiVersions: [v1]
            operations: [CREATE]
            resources: [authorizationpolicies]
        reinvocationPolicy: Never
        mutations:
        - patchType: ApplyConfiguration
          applyConfiguration:
            expression: 'Object{metadata: Object.metadata{annotations: {"istio.io/dry-run": "true"}}}'
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingAdmissionPolicyBinding
      metadata: {name: policies-on-trial}
      spec: {policyName: policies-on-trial}
      """;

  private static final String ANY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: any, namespace: sample}
      spec: {}
      """;

  private final Patient patient;

  PoliciesOnTrial(Patient patient) {
    this.patient = patient;
  }

  Stream<DynamicTest> tests() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "policies that are only tried are found by traffic",
            this::policiesThatAreOnlyTriedAreFoundByTraffic));
  }

  private void policiesThatAreOnlyTriedAreFoundByTraffic() throws Exception {
    patient.kubectl().apply(TRIAL);
    try {
      Until.holds("policies are tried", this::areTried);
      Evidence evidence = new Probing(patient.client(), patient.kubectl().context()).probeInHaste();
      for (Evidence seen : List.of(evidence, patient.bundled(evidence))) {
        Diagnosis diagnosis = Patient.examine(seen);
        assertThat(Patient.open(diagnosis))
            .as(() -> diagnosis.results().toString())
            .isEqualTo(Set.of("SLV4001"));
      }
    } finally {
      patient.kubectl().delete(TRIAL);
      Until.holds("policies are written as they are", () -> !areTried());
    }
  }

  private boolean areTried() {
    return patient
        .kubectl()
        .shell(
            """
            kubectl --context="${CTX}" create --dry-run=server -o json -f - <<'Y'
            %sY
            """
                .formatted(ANY))
        .well()
        .out()
        .contains("istio.io/dry-run");
  }
}
