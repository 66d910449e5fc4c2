package io.selvage.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients in one network, servers in another, and a gateway between: our proxy and an Envoy in each
 * of the three roles, under our control plane.
 */
@Tag("real")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EastWestGatewayTest {
  private static final List<String> CLIENTS = List.of("client-ours", "client-envoy");
  private static final List<String> SERVERS = List.of("server-ours", "server-envoy");
  private static final List<String> GATEWAYS = List.of("gateway-ours", "gateway-envoy");

  @TempDir private static Path home;
  private static TwoNetworks mesh;

  @BeforeAll
  static void up() throws Exception {
    mesh = new TwoNetworks(home);
    try {
      for (String server : SERVERS) {
        mesh.service(server);
      }
      mesh.configure(
          "policy",
          """
          apiVersion: security.istio.io/v1
          kind: AuthorizationPolicy
          metadata: {name: by-principal, namespace: sample}
          spec:
            action: DENY
            rules:
            - from: [{source: {notPrincipals: [it.mesh/ns/sample/sa/client-ours]}}]
              to: [{operation: {paths: [/ip]}}]
          """);
      mesh.addOurs("server-ours", TwoNetworks.WEST, "server-ours");
      mesh.addEnvoy("server-envoy", TwoNetworks.WEST, "server-envoy");
      mesh.addOurs("client-ours", TwoNetworks.EAST, "client-ours");
      mesh.addEnvoy("client-envoy", TwoNetworks.EAST, "client-envoy");
      mesh.addOurGateway("gateway-ours");
      mesh.addEnvoyGateway("gateway-envoy");
      mesh.separate("gateway-ours", "gateway-envoy");
      mesh.gateways("gateway-ours", "gateway-envoy");
      for (String gateway : GATEWAYS) {
        mesh.awaitListener(gateway);
      }
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      mesh.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() {
    mesh.close();
  }

  private static String status(String from, String to, String path) {
    return mesh.curl(from, to, path, "-o", "/dev/null", "-w", "%{http_code}").out();
  }

  @Test
  @Order(1)
  void withoutTheGatewayTheOtherNetworkIsOutOfReach() {
    Tool.Ran straight =
        mesh.run(
            "client-ours",
            Container.PROXY,
            "curl",
            "-sS",
            "-m",
            "1",
            "http://" + mesh.address("server-ours") + ":8000/ip");
    assertThat(straight.exit()).as("%s", straight).isEqualTo(28);
  }

  @Test
  @Order(2)
  void everyClientReachesEveryServerThroughEveryGatewayAsItself() throws Exception {
    for (String gateway : GATEWAYS) {
      mesh.gateways(gateway);
      for (String client : CLIENTS) {
        for (String server : SERVERS) {
          String way = client + " by " + gateway + " to " + server;
          Until.seen(way, () -> status(client, server, "/headers"), "200"::equals);
          assertThat(mesh.curl(client, server, "/headers").well().out())
              .as(way)
              .contains(
                  "By=spiffe://it.mesh/ns/sample/sa/" + server,
                  "URI=spiffe://it.mesh/ns/sample/sa/" + client);
        }
      }
    }
  }

  @Test
  @Order(3)
  void theServersPolicyByPrincipalHoldsThroughEveryGateway() throws Exception {
    for (String gateway : GATEWAYS) {
      mesh.gateways(gateway);
      for (String server : SERVERS) {
        Until.seen(gateway, () -> status("client-ours", server, "/ip"), "200"::equals);
        Until.seen(gateway, () -> status("client-envoy", server, "/ip"), "403"::equals);
      }
    }
  }
}
