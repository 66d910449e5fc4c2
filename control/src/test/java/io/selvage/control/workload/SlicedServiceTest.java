package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Services of a cluster that says itself, by EndpointSlices, who is behind them. */
class SlicedServiceTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec:
        selector: {app: web}
        ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-admin, port: 90}]
      """;

  private static WorkloadInstance pod(String name, String address) {
    return new WorkloadInstance(
        name, "shop", "web", Map.of("app", "web"), address, Map.of(), Map.of(), "it", "", 1, true);
  }

  private static ServiceRegistry registry(String yaml) {
    return ServiceRegistry.of(
        MeshSnapshot.of(1, ResourceReader.read("test", yaml).resources(), List.of()),
        List.of(pod("web-1", "10.1.1.1"), pod("web-2", "10.1.1.2")));
  }

  private static String slice(String endpoints) {
    return """
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: 8080}]
    endpoints: %s
    """
        .formatted(endpoints);
  }

  private static List<ServiceEndpoint> http(ServiceRegistry registry) {
    return registry.endpoints("web.shop.svc.cluster.local", 80);
  }

  @Test
  void withoutSlicesLabelsDecide() {
    assertThat(http(registry(SERVICE)))
        .extracting(ServiceEndpoint::address)
        .containsExactly("10.1.1.1", "10.1.1.2");
  }

  @Test
  void withSlicesTheReadyOnesAreEndpointsWithTheirIdentity() {
    ServiceRegistry registry =
        registry(
            SERVICE
                + slice(
                    """
                    [{addresses: [10.1.1.1], conditions: {ready: true}, targetRef: {kind: Pod, name: web-1}},
                     {addresses: [10.1.1.2], conditions: {ready: false}, targetRef: {kind: Pod, name: web-2}}]"""));
    assertThat(http(registry))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.address()).isEqualTo("10.1.1.1");
              assertThat(one.serviceAccount()).isEqualTo("web");
              assertThat(one.mutualTls()).isTrue();
            });
    assertThat(registry.endpoints("web.shop.svc.cluster.local", 90))
        .as("a port that the slice does not have")
        .isEmpty();
  }

  @Test
  void aDualStackPodIsReachedOnceByTheAddressByWhichItIsKnown() {
    String one = "[{addresses: [%s], targetRef: {kind: Pod, name: web-1}}]";
    String six =
        slice(one.formatted("'fd00::1'"))
            .replace("name: web-x", "name: web-six")
            .replace("IPv4", "IPv6");
    for (String slices : List.of(slice(one.formatted("10.1.1.1")) + six, six)) {
      assertThat(http(registry(SERVICE + slices)))
          .singleElement()
          .satisfies(
              only -> {
                assertThat(only.address()).isEqualTo("10.1.1.1");
                assertThat(only.mutualTls()).isTrue();
              });
    }
  }

  @Test
  void whoIsNotReadyHasItsPortsDeclaredAllTheSame() {
    ServiceRegistry registry = registry(SERVICE + slice("[]"));
    assertThat(http(registry)).isEmpty();
    assertThat(registry.inboundPorts(pod("web-2", "10.1.1.2")))
        .extracting(InboundPort::number)
        .contains(8080);
  }

  @Test
  void anAddressThatIsNoKnownPodHasNoIdentity() {
    ServiceRegistry registry =
        registry(
            SERVICE
                + slice(
                    """
                    [{addresses: [10.9.9.9]}]"""));
    assertThat(http(registry))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.serviceAccount()).isEmpty();
              assertThat(one.mutualTls()).isFalse();
            });
  }

  /** The Pod may be told later than the slice, or its watch be away: it is not called in clear. */
  @Test
  void aPodThatIsNotKnownIsNoEndpointYet() {
    String slice =
        slice(
            """
            [{addresses: [10.1.1.2], targetRef: {kind: Pod, name: web-2}},
             {addresses: [10.1.1.7], targetRef: {kind: Pod, name: web-1}},
             {addresses: [10.1.1.8], targetRef: {kind: Pod, name: web-8}}]""");
    assertThat(http(registry(SERVICE + slice)))
        .extracting(ServiceEndpoint::address)
        .containsExactly("10.1.1.2");
  }
}
