package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.EndpointSlice;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The services of several clusters as one registry. */
class ClustersTest {
  private static final String WEB = "web.shop.svc.cluster.local";

  private static List<Resource> read(String yaml) {
    return ResourceReader.read("test", yaml).resources();
  }

  private static String web(String address, String target) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec:
      clusterIP: %s
      selector: {app: web}
      ports: [{name: http, port: 80, targetPort: %s}]
    """
        .formatted(address, target);
  }

  private static String slice(int port, String pod, String address) {
    return """
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: %d}]
    endpoints: [{addresses: [%s], targetRef: {kind: Pod, name: %s}}]
    """
        .formatted(port, address, pod);
  }

  private static WorkloadInstance pod(String cluster, String name, String address) {
    return new WorkloadInstance(
        name,
        "shop",
        "web",
        Map.of("app", "web"),
        address,
        Map.of(),
        Map.of(),
        cluster,
        "",
        1,
        true);
  }

  private static ClusterView view(String id, String yaml) {
    List<Resource> all = read(yaml);
    return new ClusterView(
        id,
        "net-" + id,
        Optional.of(
            new ClusterView.Declared(
                all.stream().filter(Service.class::isInstance).map(Service.class::cast).toList(),
                all.stream()
                    .filter(EndpointSlice.class::isInstance)
                    .map(EndpointSlice.class::cast)
                    .toList())));
  }

  private static ServiceRegistry registry(
      String own, List<ClusterView> neighbours, WorkloadInstance... workloads) {
    return ServiceRegistry.of(
        MeshSnapshot.of(1, read(own), List.of()),
        List.of(workloads),
        new ClusterView.All(new ClusterView("east", "net-east", Optional.empty()), neighbours));
  }

  @Test
  void aServiceHasTheEndpointsOfAllClustersEachAtItsOwnPort() {
    ServiceRegistry registry =
        registry(
            web("10.96.0.5", "8080") + slice(8080, "web-1", "10.1.0.1"),
            List.of(view("west", web("10.96.0.9", "9090") + slice(9090, "web-1", "10.1.0.1"))),
            pod("east", "web-1", "10.1.0.1"),
            pod("west", "web-1", "10.1.0.1"));
    assertThat(registry.endpoints(WEB, 80))
        .as("Pods of one name and one address in two clusters")
        .extracting(one -> one.cluster() + " " + one.network() + " " + one.port())
        .containsExactly("east net-east 8080", "west net-west 9090");
    assertThat(registry.endpoints(WEB, 80)).allMatch(ServiceEndpoint::mutualTls);
  }

  @Test
  void aClientUsesTheAddressThatAServiceHasInItsOwnCluster() {
    ServiceRegistry registry =
        registry(
            web("10.96.0.5", "8080"),
            List.of(view("west", web("10.96.0.9", "9090")), view("north", "")));
    MeshService web = registry.service(WEB).orElseThrow();
    assertThat(web.addresses()).containsExactly("10.96.0.5");
    assertThat(web.seenFrom("west").addresses()).containsExactly("10.96.0.9");
    assertThat(web.seenFrom("north").addresses())
        .as("where it has none, none that may be another's")
        .singleElement()
        .asString()
        .startsWith("240.240.");
  }

  @Test
  void aServiceOfANeighbourAloneIsKnownAndHasNoAddressThatIsSomebodyElsesHere() {
    ServiceRegistry registry =
        registry(
            "",
            List.of(view("west", web("10.96.0.9", "9090") + slice(9090, "web-1", "10.1.0.1"))),
            pod("west", "web-1", "10.1.0.1"));
    assertThat(registry.endpoints(WEB, 80)).hasSize(1);
    assertThat(registry.service(WEB).orElseThrow().addresses())
        .singleElement()
        .asString()
        .startsWith("240.240.");
  }

  @Test
  void podsOfANeighbourWithoutServicesOfItsOwnCountBesideTheSlices() {
    ServiceRegistry registry =
        registry(
            web("10.96.0.5", "8080") + slice(8080, "web-1", "10.1.0.1"),
            List.of(new ClusterView("west", "", Optional.empty())),
            pod("east", "web-1", "10.1.0.1"),
            pod("west", "web-2", "10.1.0.2"));
    assertThat(registry.endpoints(WEB, 80))
        .extracting(ServiceEndpoint::address)
        .containsExactly("10.1.0.1", "10.1.0.2");
  }

  @Test
  void aClusterThatDoesNotDeclareAServiceServesNoneOfIt() {
    ServiceRegistry registry =
        registry(
            web("10.96.0.5", "8080"), List.of(view("west", "")), pod("west", "web-1", "10.1.0.1"));
    assertThat(registry.endpoints(WEB, 80)).isEmpty();
  }
}
