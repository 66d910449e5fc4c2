package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Until;
import io.selvage.proxy.join.JoinedProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Our proxy as the east-west gateway of a real istiod, between Istio's own sidecars and ours. */
@Tag("real")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OurGatewayUnderIstiodTest {
  private static final Map<String, String> WEST = Map.of("topology.istio.io/network", "west");

  @TempDir private static Path home;
  private static IstiodMesh mesh;
  private static JoinedProxy gateway;

  @BeforeAll
  static void up() throws Exception {
    mesh = new IstiodMesh(home, Istiod.Settings.FOR_ANY_ENVOY);
    try {
      mesh.istiod()
          .kube()
          .client()
          .apply(
              """
              apiVersion: networking.istio.io/v1
              kind: Gateway
              metadata: {name: cross-network-gateway, namespace: istio-system}
              spec:
                selector: {istio: eastwestgateway}
                servers:
                - port: {number: 15443, name: tls, protocol: TLS}
                  tls: {mode: AUTO_PASSTHROUGH}
                  hosts: ["*.local"]
              ---
              apiVersion: security.istio.io/v1
              kind: PeerAuthentication
              metadata: {name: default, namespace: istio-system}
              spec: {mtls: {mode: STRICT}}
              """);
      mesh.addAgent("server", WEST);
      gateway =
          mesh.addGateway(
              "gateway",
              Map.of("istio", "eastwestgateway", "topology.istio.io/network", "west"),
              "west");
      mesh.istiod()
          .kube()
          .client()
          .apply(
              """
              apiVersion: v1
              kind: Service
              metadata:
                name: istio-eastwestgateway
                namespace: istio-system
                labels: {topology.istio.io/network: west}
              spec:
                externalIPs: [%s]
                ports: [{name: tls, port: 15443}]
              """
                  .formatted(mesh.address("gateway")));
      mesh.addAgent("client");
      mesh.addOurs("caller", true, Duration.ZERO);
      mesh.settle();
    } catch (Throwable e) {
      mesh.close();
      throw e;
    }
  }

  @AfterAll
  static void down() {
    mesh.close();
  }

  private static IstiodMesh.Answer call(String from) throws Exception {
    return mesh.curl(
        from,
        "http://" + mesh.serviceAddress("server") + ":8000/headers",
        "-H",
        "Host: server.foo:8000");
  }

  @Test
  @Order(1)
  void istiodsConfigurationOfAGatewayIsTakenWhole() throws Exception {
    Until.holds("it listens", () -> gateway.proxy().boundAddress("0.0.0.0_15443").isPresent());
    assertThat(gateway.proxy().resources().listeners().values())
        .filteredOn(listener -> listener.name().equals("0.0.0.0_15443"))
        .flatExtracting(listener -> listener.filterChains())
        .extracting(chain -> chain.match().serverNames().getFirst())
        .contains("outbound_.8000_._.server.foo.svc.cluster.local");
    Until.seen(
        "its listeners are acknowledged",
        () -> mesh.listeners("gateway"),
        seen ->
            !seen.path("sent").asString("").isEmpty()
                && seen.path("sent").equals(seen.path("acked")));
  }

  @Test
  @Order(2)
  void istiosSidecarAndOursReachTheOtherNetworkThroughItAsThemselves() throws Exception {
    for (String client : new String[] {"client", "caller"}) {
      IstiodMesh.Answer answer =
          Until.seen(client, () -> call(client), seen -> seen.status().equals("200"));
      assertThat(answer.body())
          .contains(
              "By=spiffe://cluster.local/ns/foo/sa/server",
              "URI=spiffe://cluster.local/ns/foo/sa/" + client);
    }
  }

  @Test
  @Order(3)
  void withoutItThereIsNoWay() throws Exception {
    gateway.close();
    for (String client : new String[] {"client", "caller"}) {
      Until.seen(client, () -> call(client).status(), "503"::equals);
    }
  }
}
