package io.selvage.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        mesh.service(server, server);
      }
      mesh.service("hidden", "server-ours", "networking.istio.io/exportTo: other");
      mesh.service("elsewhere", "client-ours");
      mesh.configure(
          "outside",
          """
          apiVersion: networking.istio.io/v1
          kind: ServiceEntry
          metadata: {name: outside, namespace: sample}
          spec:
            hosts: [api.outside.local]
            location: MESH_EXTERNAL
            ports: [{number: 443, name: tls, protocol: TLS}]
            resolution: STATIC
            endpoints: [{address: 192.0.2.1}]
          """);
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
    return mesh.curl(from, to, path, "-m", "2", "-o", "/dev/null", "-w", "%{http_code}").out();
  }

  /** No packet passes but by this one. */
  private static void only(String gateway) throws Exception {
    mesh.gateways(gateway);
    mesh.separate(gateway);
  }

  private static void both() throws Exception {
    mesh.separate(GATEWAYS.toArray(String[]::new));
    mesh.gateways(GATEWAYS.toArray(String[]::new));
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
      only(gateway);
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
      only(gateway);
      for (String server : SERVERS) {
        Until.seen(gateway, () -> status("client-ours", server, "/ip"), "200"::equals);
        Until.seen(gateway, () -> status("client-envoy", server, "/ip"), "403"::equals);
      }
    }
  }

  /** What openssl, past every sidecar, finds at a gateway under a server name. */
  private static boolean isPassedOn(String gateway, String serverName, String... more) {
    var line =
        new ArrayList<>(
            List.of(
                "timeout",
                "5",
                "openssl",
                "s_client",
                "-connect",
                mesh.address(gateway) + ":" + TwoNetworks.PORT));
    line.addAll(
        serverName.isEmpty() ? List.of("-noservername") : List.of("-servername", serverName));
    line.addAll(List.of(more));
    Tool.Ran ran = mesh.run("client-ours", Container.PROXY, line.toArray(String[]::new));
    assertThat(ran.exit()).as("%s", ran).isNotEqualTo(124);
    return ran.out().contains("BEGIN CERTIFICATE");
  }

  @ParameterizedTest
  @Order(4)
  @CsvSource({
    "outbound_.8000_._.server-ours.sample.svc.cluster.local, istio, true",
    "outbound_.8000_._.server-ours.sample.svc.cluster.local, 'istio-http/1.1,istio,http/1.1', true",
    "OUTBOUND_.8000_._.Server-Ours.Sample.Svc.Cluster.Local, istio, true",
    "outbound_.8000_._.server-ours.sample.svc.cluster.local, h2, false",
    "outbound_.8000_._.server-ours.sample.svc.cluster.local, '', false",
    "outbound_.8000_._.server-ours.sample.svc.cluster.local., istio, false",
    "outbound_.8001_._.server-ours.sample.svc.cluster.local, istio, false",
    "outbound_.8000_.v1_.server-ours.sample.svc.cluster.local, istio, false",
    "outbound_.8000_._.hidden.sample.svc.cluster.local, istio, false",
    "outbound_.8000_._.elsewhere.sample.svc.cluster.local, istio, false",
    "outbound_.443_._.api.outside.local, istio, false",
    "outbound|8000||server-ours.sample.svc.cluster.local, istio, false",
    "server-ours.sample.svc.cluster.local, istio, false",
    "localhost, istio, false",
    "'', istio, false",
  })
  void aServerNameIsPassedOnOrClosed(String serverName, String protocols, boolean passed)
      throws Exception {
    both();
    String[] alpn = protocols.isEmpty() ? new String[0] : new String[] {"-alpn", protocols};
    for (String gateway : GATEWAYS) {
      assertThat(isPassedOn(gateway, serverName, alpn)).as(gateway).isEqualTo(passed);
    }
  }

  @Test
  @Order(5)
  void plaintextIsClosedWithoutAByte() throws Exception {
    both();
    for (String gateway : GATEWAYS) {
      Tool.Ran plaintext =
          mesh.run(
              "client-ours",
              Container.PROXY,
              "curl",
              "-sS",
              "-m",
              "5",
              "http://" + mesh.address(gateway) + ":" + TwoNetworks.PORT + "/");
      assertThat(plaintext.exit()).as("%s", plaintext).isIn(52, 56);
      assertThat(plaintext.out()).isEmpty();
    }
  }

  @Test
  @Order(6)
  void aGatewayThatIsGoneIsMissedByNobodyAndBackItIsUsedAgain() throws Exception {
    both();
    Until.seen("both", () -> status("client-ours", "server-ours", "/headers"), "200"::equals);
    mesh.stop("gateway-ours");
    for (int i = 0; i < 20; i++) {
      for (String client : CLIENTS) {
        assertThat(status(client, "server-ours", "/headers")).as(client).isEqualTo("200");
      }
    }
    mesh.startOurGateway("gateway-ours");
    mesh.awaitListener("gateway-ours");
    only("gateway-ours");
    for (String client : CLIENTS) {
      Until.seen(client, () -> status(client, "server-ours", "/headers"), "200"::equals);
    }
  }

  @Test
  @Order(7)
  void whatIsUnderWayToAnEndpointThatGoesIsAnswered() throws Exception {
    only("gateway-ours");
    HeldServer held = mesh.addHeld("held");
    mesh.service("moving", "held");
    Until.holds("the way is known", () -> mesh.knows("gateway-ours", "moving"));
    Until.holds("the client knows it", () -> mesh.knows("client-ours", "moving"));
    var slow =
        CompletableFuture.supplyAsync(
            () -> mesh.curl("client-ours", "moving", "/").well().out(),
            task -> Thread.ofVirtual().start(task));
    Until.holds("it is under way", held::isAsked);
    mesh.service("moving", "server-envoy");
    Until.seen(
        "others go on elsewhere",
        () -> mesh.curl("client-ours", "moving", "/hostname", "-m", "2").out(),
        out -> out.contains("server-envoy"));
    held.answer();
    assertThat(slow.join()).isEqualTo("held");
  }
}
