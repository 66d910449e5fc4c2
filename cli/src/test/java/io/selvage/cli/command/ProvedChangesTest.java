package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.webhook.ChangeReview.Change;
import io.selvage.control.kubernetes.webhook.ChangeReview.Opinion;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProvedChangesTest {
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: ledger, namespace: pay}
      spec: {rules: [{from: [{source: {namespaces: [%s]}}]}]}
      """;

  private static final String DEMAND =
      """
      apiVersion: selvage.dev/v1alpha1
      kind: PolicyAssertions
      assertions:
      - id: batch-stays-out
        never: {from: {namespaces: [batch]}, to: {namespaces: [pay]}}
      """;

  private static Resource read(String yaml) {
    return ResourceReader.read("a.yaml", yaml).resources().getFirst();
  }

  private static Change stored(String yaml) {
    return new Change.Stored(read(yaml));
  }

  private static ProvedChanges changes(String allowedNow, Map<String, String> demands) {
    MeshSnapshot inForce =
        MeshSnapshot.of(1, List.of(read(POLICY.formatted(allowedNow))), List.of());
    return new ProvedChanges(
        () -> inForce, () -> List.of(pod("pay", "ledger"), pod("batch", "job")), () -> demands);
  }

  private static WorkloadInstance pod(String namespace, String name) {
    return new WorkloadInstance(
        name + "-1",
        namespace,
        name,
        Map.of("app", name),
        "10.0.0.1",
        Map.of(),
        Map.of(),
        "east",
        "",
        1,
        true);
  }

  @Test
  void whoeverOpensADoorIsTold() {
    Opinion opinion = changes("web", Map.of()).of(stored(POLICY.formatted("web, batch")));
    assertThat(opinion.refusal()).isEmpty();
    assertThat(opinion.warnings())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("SLV9420 newly ALLOWS pay/ledger")
                    .contains("any identity in ns batch"));
  }

  @Test
  void whoeverClosesOneIsNot() {
    Opinion opinion = changes("web, batch", Map.of()).of(stored(POLICY.formatted("web")));
    assertThat(opinion).isEqualTo(Opinion.NOTHING);
  }

  @Test
  void aDemandThatWouldNoLongerHoldRefusesTheChange() {
    Opinion opinion =
        changes("web", Map.of("a.yaml", DEMAND)).of(stored(POLICY.formatted("web, batch")));
    assertThat(opinion.refusal().orElseThrow())
        .startsWith("SLV9415 batch-stays-out does not hold at pay/ledger");
  }

  @Test
  void aDemandThatWasBrokenBeforeRefusesNothing() {
    Opinion opinion =
        changes("batch", Map.of("a.yaml", DEMAND)).of(stored(POLICY.formatted("web, batch")));
    assertThat(opinion.refusal()).isEmpty();
  }

  @Test
  void demandsThatCannotBeReadAreWarnedOf() {
    assertThat(
            changes("web", Map.of("a", DEMAND + "x"))
                .of(stored(POLICY.formatted("web")))
                .warnings())
        .anySatisfy(line -> assertThat(line).contains("selvage-assertions/a:"));
    ProvedChanges forbidden =
        new ProvedChanges(
            () -> MeshSnapshot.EMPTY,
            List::of,
            () -> {
              throw new KubernetesClientException("forbidden");
            });
    assertThat(forbidden.of(stored(POLICY.formatted("web"))).warnings())
        .anySatisfy(line -> assertThat(line).startsWith("SLV9412 the ConfigMap"));
  }

  @Test
  void whatIsNoPolicyIsNotLookedAt() {
    assertThat(
            changes("web", Map.of())
                .of(stored("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")))
        .isEqualTo(Opinion.NOTHING);
  }

  private static final String DENY =
      POLICY.replace("name: ledger", "name: no-batch").replace("{rules:", "{action: DENY, rules:");

  private static ProvedChanges withDenial(Map<String, String> demands) {
    MeshSnapshot inForce =
        MeshSnapshot.of(
            1,
            List.of(read(POLICY.formatted("web, batch")), read(DENY.formatted("batch"))),
            List.of());
    return new ProvedChanges(
        () -> inForce, () -> List.of(pod("pay", "ledger"), pod("batch", "job")), () -> demands);
  }

  @Test
  void aDenialThatGoesAwayOpensADoor() {
    Change gone = new Change.Removed(read(DENY.formatted("batch")));
    assertThat(withDenial(Map.of()).of(gone).warnings())
        .anySatisfy(line -> assertThat(line).startsWith("SLV9420 newly ALLOWS pay/ledger"));
    assertThat(withDenial(Map.of("a.yaml", DEMAND)).of(gone).refusal().orElseThrow())
        .startsWith("SLV9415 batch-stays-out does not hold at pay/ledger");
  }

  @Test
  void demandsThatAreNotUnderstoodAreNotStored() {
    Change wrong = new Change.Demanded(Map.of("a.yaml", DEMAND.replace("never:", "nevver:")));
    assertThat(changes("web", Map.of()).of(wrong).refusal().orElseThrow())
        .startsWith("SLV9413 selvage-assertions/a.yaml:");
    Change nothing = new Change.Demanded(Map.of("a.yaml", "kind: PolicyAssertion"));
    assertThat(changes("web", Map.of()).of(nothing).refusal().orElseThrow())
        .contains("SLV9413 selvage-assertions/a.yaml: there is no document");
    Change folders =
        new Change.Demanded(
            Map.of(
                "a.yaml",
                DEMAND.replaceAll("never: .*", "equivalent: {base: ./a, head: ./b, scope: {}}")));
    assertThat(changes("web", Map.of()).of(folders).refusal().orElseThrow()).contains("SLV9413");
  }

  @Test
  void demandsThatDoNotHoldYetAreStoredWithAWarning() {
    Change demand = new Change.Demanded(Map.of("a.yaml", DEMAND));
    assertThat(changes("web", Map.of()).of(demand)).isEqualTo(Opinion.NOTHING);
    Opinion opinion = changes("web, batch", Map.of()).of(demand);
    assertThat(opinion.refusal()).isEmpty();
    assertThat(opinion.warnings())
        .anySatisfy(
            line ->
                assertThat(line).startsWith("SLV9410 now already: batch-stays-out does not hold"));
  }
}
