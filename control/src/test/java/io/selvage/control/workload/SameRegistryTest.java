package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import io.selvage.model.Service;
import io.selvage.model.TrafficDistribution;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry is joined anew for, and what not. */
class SameRegistryTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {clusterIP: 10.96.0.5, selector: {app: web, tier: front}, ports: [{name: http, port: 80}]}
      """;
  private static final MeshSnapshot BEFORE = snapshot("");
  private static final List<WorkloadInstance> PODS = List.of(pod("east", "front", "10.1.0.1"));

  private static MeshSnapshot snapshot(String more) {
    var read = ResourceReader.read("test", MESH + "---\n" + more);
    assertThat(read.problems()).isEmpty();
    return MeshSnapshot.of(1, read.resources(), List.of());
  }

  private static WorkloadInstance pod(String cluster, String tier, String address) {
    return new WorkloadInstance(
        "web-" + tier,
        "shop",
        "web",
        Map.of("app", "web", "tier", tier),
        address,
        Map.of(),
        Map.of(),
        cluster,
        "",
        1,
        true);
  }

  private static ClusterView.All clusters(String network, ClusterView... neighbours) {
    return new ClusterView.All(
        new ClusterView("east", network, Optional.empty()), List.of(neighbours));
  }

  private static ClusterView west() {
    return new ClusterView(
        "west", "", Optional.of(new ClusterView.Declared(BEFORE.all(Service.class), List.of())));
  }

  private static ServiceRegistry registry() {
    return ServiceRegistry.of(BEFORE, PODS, clusters("net"));
  }

  @Test
  void policiesLeaveItAsItIs() {
    MeshSnapshot now =
        snapshot(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: none, namespace: shop}
            spec: {}
            """);
    assertThat(registry().isOf(now, BEFORE, List.copyOf(PODS), clusters("net"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: shop}, spec: {ports: [{port: 1}]}}",
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: http, port: 80}]
        endpoints: [{addresses: [10.1.0.9]}]
        """,
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: e, namespace: shop}
        spec: {hosts: [e.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
        """,
        """
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: e, namespace: shop}
        spec: {address: 10.2.0.1, labels: {app: web, tier: front}}
        """,
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, annotations: {networking.istio.io/traffic-distribution: PreferClose}}
        """,
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: off, namespace: shop}
        spec: {mtls: {mode: DISABLE}}
        """
      })
  void whatItIsJoinedFromMakesAnother(String more) {
    assertThat(registry().isOf(snapshot(more), BEFORE, PODS, clusters("net"))).isFalse();
  }

  @Test
  void workloadsAndClustersMakeAnother() {
    ServiceRegistry registry = registry();
    assertThat(registry.isOf(BEFORE, BEFORE, List.of(), clusters("net"))).isFalse();
    assertThat(registry.isOf(BEFORE, BEFORE, PODS, clusters("other"))).isFalse();
    assertThat(registry.isOf(BEFORE, BEFORE, PODS, clusters("net", west()))).isFalse();
  }

  @Test
  void whatANamespacePrefersHoldsForItsServicesFromThenOn() {
    MeshSnapshot now =
        snapshot(
            "{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: "
                + "{networking.istio.io/traffic-distribution: PreferSameNode}}}");
    ServiceRegistry after = registry().after(now, PODS, clusters("net"));
    assertThat(after.service("web.shop.svc.cluster.local").orElseThrow().distribution())
        .isEqualTo(TrafficDistribution.SAME_NODE);
    assertThat(after.servesAs(registry())).isFalse();
  }

  @Test
  void podsAreFoundByAllLabelsOfASelectorInEachCluster() {
    ServiceRegistry registry =
        ServiceRegistry.of(
            BEFORE,
            List.of(
                pod("east", "front", "10.1.0.1"),
                pod("east", "back", "10.1.0.2"),
                pod("west", "front", "10.1.0.1"),
                pod("west", "back", "10.1.0.2")),
            clusters("", west()));
    assertThat(registry.endpoints("web.shop.svc.cluster.local", 80))
        .extracting(one -> one.cluster() + " " + one.address())
        .containsExactly("east 10.1.0.1", "west 10.1.0.1");
  }
}
