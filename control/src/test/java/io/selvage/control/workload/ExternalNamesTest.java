package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.MeshService.Alias;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import io.selvage.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Services that are other names of hosts. */
class ExternalNamesTest {
  private static final String WEB =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {clusterIP: 10.96.0.5, selector: {app: web}, ports: [{name: http, port: 80}]}
      ---
      """;

  private static String named(String namespace, String name, String host) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s}
    spec: {type: ExternalName, externalName: %s, selector: {app: web}, ports: [{name: http, port: 80}]}
    ---
    """
        .formatted(name, namespace, host);
  }

  private static MeshSnapshot snapshot(String yaml) {
    return MeshSnapshot.of(1, ResourceReader.read("test", yaml).resources(), List.of());
  }

  private static WorkloadInstance pod(String cluster) {
    return new WorkloadInstance(
        "web-1",
        "shop",
        "web",
        Map.of("app", "web"),
        "10.1.0.1",
        Map.of(),
        Map.of(),
        cluster,
        "",
        1,
        true);
  }

  private static ServiceRegistry registry(String yaml) {
    return ServiceRegistry.of(snapshot(yaml), List.of(pod("")));
  }

  private static List<Alias> aliases(ServiceRegistry registry) {
    return registry.service("web.shop.svc.cluster.local").orElseThrow().aliases();
  }

  @Test
  void oneOfAServiceIsAnotherNameOfItAndNoServiceItself() {
    ServiceRegistry registry = registry(WEB + named("a", "front", "web.shop.svc.cluster.local"));
    assertThat(registry.services())
        .extracting(MeshService::host)
        .containsExactly("web.shop.svc.cluster.local");
    assertThat(registry.names("a"))
        .containsEntry("front", List.of("10.96.0.5"))
        .containsEntry("front.a.svc.cluster.local", List.of("10.96.0.5"))
        .doesNotContainKey("web");
    assertThat(registry.names("b")).containsKey("front.a.svc").doesNotContainKey("front");
  }

  @Test
  void oneOfAHostThatNobodyKnowsIsLeftOut() {
    ServiceRegistry registry = registry(named("shop", "web", "www.example.com"));
    assertThat(registry.services()).isEmpty();
    assertThat(registry.inboundPorts(pod(""))).as("its selector selects nobody").isEmpty();
  }

  @Test
  void severalComeToTheSameAndCirclesToNothing() {
    ServiceRegistry registry =
        registry(
            named("b", "second", "first.a.svc.cluster.local")
                + named("a", "first", "web.shop.svc.cluster.local")
                + named("a", "round", "about.a.svc.cluster.local")
                + named("a", "about", "round.a.svc.cluster.local")
                + named("a", "into", "round.a.svc.cluster.local")
                + WEB);
    assertThat(aliases(registry))
        .containsExactly(new Alias("a", "first"), new Alias("b", "second"));
    assertThat(registry.services()).hasSize(1);
  }

  @Test
  void anAliasThatComesLaterIsAnotherNameFromThenOn() {
    ServiceRegistry before = registry(WEB);
    MeshSnapshot now = snapshot(WEB + named("a", "front", "web.shop.svc.cluster.local"));
    ServiceRegistry after = before.after(now, List.of(pod("")), ClusterView.All.ONE);
    assertThat(aliases(before)).isEmpty();
    assertThat(aliases(after)).containsExactly(new Alias("a", "front"));
  }

  @Test
  void whatIsAnAliasInAnotherClusterHasNoEndpointsThere() {
    ClusterView west =
        new ClusterView(
            "west",
            "",
            Optional.of(
                new ClusterView.Declared(
                    snapshot(named("shop", "web", "www.example.com")).all(Service.class),
                    List.of())));
    ServiceRegistry registry =
        ServiceRegistry.of(
            snapshot(WEB),
            List.of(pod("east"), pod("west")),
            new ClusterView.All(new ClusterView("east", "", Optional.empty()), List.of(west)));
    assertThat(registry.endpoints("web.shop.svc.cluster.local", 80))
        .extracting(ServiceEndpoint::cluster)
        .containsExactly("east");
  }
}
