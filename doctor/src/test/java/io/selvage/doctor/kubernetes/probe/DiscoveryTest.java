package io.selvage.doctor.kubernetes.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What a private namespace must be labelled for the mesh to know it. */
final class DiscoveryTest {
  private static Map<String, String> labels(String mesh) {
    Fixture fixture = Fixtures.istio();
    fixture.change(
        Kind.CONFIG_MAP,
        "istio-system",
        "istio",
        map -> ((ObjectNode) map.path("data")).put("mesh", mesh));
    return Discovery.labels(fixture.cluster(), fixture.cluster().flavour().found().orElseThrow());
  }

  @Test
  void nothingWhereAllNamespacesAreKnown() {
    assertThat(labels("trustDomain: cluster.local")).isEmpty();
    assertThat(labels("discoverySelectors: []")).isEmpty();
    assertThat(labels(": no: yaml: [")).isEmpty();
  }

  @Test
  void whatTheFirstSelectorWants() {
    assertThat(
            labels(
                """
                discoverySelectors:
                - matchLabels: {mesh: "yes"}
                  matchExpressions:
                  - {key: stage, operator: In, values: [prod, test]}
                  - {key: owned, operator: Exists}
                  - {key: hidden, operator: DoesNotExist}
                - matchLabels: {other: "yes"}
                """))
        .containsOnly(
            Map.entry("mesh", "yes"), Map.entry("stage", "prod"), Map.entry("owned", "true"));
  }
}
