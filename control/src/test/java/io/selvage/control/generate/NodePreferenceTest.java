package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients on several nodes are told the same, unless some service asks on which they are. */
class NodePreferenceTest {
  private static final String HEAD =
      "apiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: ";
  private static final String TAIL =
      "selector: {app: web}, ports: [{name: http, port: 80}]}\n---\n";
  private static final String PLAIN = HEAD + "plain}\nspec: {" + TAIL;
  private static final String ZONE =
      HEAD + "zone}\nspec: {trafficDistribution: PreferClose, " + TAIL;

  private static WorkloadInstance on(String node, String zone) {
    return new WorkloadInstance(
        "web-" + node,
        "shop",
        "web",
        Map.of("app", "web"),
        "10.0.0." + node.charAt(1),
        Map.of(),
        Map.of(),
        "",
        "",
        "r/" + zone,
        node,
        1,
        true);
  }

  private static final List<WorkloadInstance> ALL =
      List.of(on("n1", "a"), on("n2", "a"), on("n3", "b"));

  private static List<ProxyResources> told(String yaml) {
    var read = ResourceReader.read("test", yaml);
    assertThat(read.problems()).isEmpty();
    var round =
        new ResourceGenerator(new IstioPolicies())
            .round(
                MeshState.of(
                    MeshSnapshot.of(1, read.resources(), List.of()),
                    ALL,
                    rule -> "",
                    TrustBundle.empty()));
    return ALL.stream().map(one -> round.resources(node(one))).toList();
  }

  private static ProxyNode node(WorkloadInstance workload) {
    return new ProxyNode(
        workload.key(), workload, ProxyNode.Interception.REDIRECT, OptionalInt.empty());
  }

  private static List<String> addresses(List<ClusterLoadAssignment> of) {
    return of.getFirst().localities().stream()
        .flatMap(place -> place.endpoints().stream())
        .map(ClusterLoadAssignment.Endpoint::address)
        .toList();
  }

  @Test
  void whereNobodyAsksForNodesOrPlacesAllHaveOneObject() {
    List<ProxyResources> told = told(PLAIN);
    assertThat(told.get(1).endpoints()).isSameAs(told.get(0).endpoints());
    assertThat(told.get(2).endpoints()).isSameAs(told.get(0).endpoints());
    assertThat(told).allMatch(one -> one.endpointsByNode().isEmpty());
  }

  @Test
  void whereZonesCountThoseOfOneHaveOneObject() {
    List<ProxyResources> told = told(PLAIN + ZONE);
    assertThat(told.get(1).endpoints()).isSameAs(told.get(0).endpoints());
    assertThat(told.get(2).endpoints()).isNotEqualTo(told.get(0).endpoints());
    assertThat(told.get(2).endpoints().getFirst())
        .as("that of the service that does not ask")
        .isSameAs(told.get(0).endpoints().getFirst());
    assertThat(told.get(2).outbound()).isSameAs(told.get(0).outbound());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"trafficDistribution: PreferSameNode, ", "internalTrafficPolicy: Local, "})
  void whereNodesCountOnlyWhatAsksForThemDiffers(String asks) {
    List<ProxyResources> told = told(PLAIN + HEAD + "node}\nspec: {" + asks + TAIL);
    assertThat(told.get(1).endpoints()).isEqualTo(told.get(0).endpoints());
    assertThat(told.get(0).endpoints()).hasSize(1);
    assertThat(told.get(1).endpointsByNode()).isNotEqualTo(told.get(0).endpointsByNode());
    assertThat(told.get(2).outbound()).isSameAs(told.get(0).outbound());
  }

  @Test
  void aNodeLocalServiceIsServedByTheClientsOwnNodeAlone() {
    List<ProxyResources> told = told(HEAD + "node}\nspec: {internalTrafficPolicy: Local, " + TAIL);
    assertThat(told)
        .extracting(one -> addresses(one.endpointsByNode()))
        .containsExactly(List.of("10.0.0.1"), List.of("10.0.0.2"), List.of("10.0.0.3"));
  }

  @Test
  void aRuleMayNameTheNodeAmongItsPriorities() {
    List<ProxyResources> told =
        told(
            PLAIN
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: plain, namespace: shop}
                spec:
                  host: plain
                  trafficPolicy:
                    outlierDetection: {}
                    loadBalancer: {localityLbSetting: {failoverPriority: [kubernetes.io/hostname]}}
                """);
    assertThat(told)
        .extracting(
            one ->
                one.endpointsByNode().getFirst().localities().stream()
                    .filter(place -> place.priority() == 0)
                    .flatMap(place -> place.endpoints().stream())
                    .map(ClusterLoadAssignment.Endpoint::address)
                    .toList())
        .containsExactly(List.of("10.0.0.1"), List.of("10.0.0.2"), List.of("10.0.0.3"));
  }
}
