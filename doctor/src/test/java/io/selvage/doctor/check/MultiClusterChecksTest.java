package io.selvage.doctor.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.selvage.doctor.Finding;
import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class MultiClusterChecksTest {
  /** A way to break two clusters, {@code east} and {@code west}, that are one mesh. */
  private record Pair(
      String name, String code, Status status, String says, BiConsumer<Fixture, Fixture> breaks) {
    DynamicTest test() {
      return dynamicTest(
          name,
          () -> {
            FixtureAuthority authority = FixtureAuthority.make();
            Fixture east = Fixtures.istio("east", authority);
            Fixture west = Fixtures.istio("west", authority);
            breaks.accept(east, west);
            new Broken(name, code, status, says, _ -> {}).check(Fixtures.evidence(east, west));
          });
    }
  }

  @Test
  void oneClusterIsNotComparedWithItself() {
    Evidence one = Fixtures.istio().evidence();
    assertThat(Fixtures.diagnosis(one).findings().stream().map(Finding::result))
        .filteredOn(result -> result.code().startsWith("SLV8"))
        .hasSize(7)
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.SKIP));
  }

  @TestFactory
  Stream<DynamicTest> betweenTwo() {
    return Stream.of(
            new Pair("they share a root", "SLV8001", Status.PASS, "2 clusters", (_, _) -> {}),
            new Pair(
                "two clusters have one name",
                "SLV8007",
                Status.FAIL,
                "east and west both call themselves Kubernetes",
                (east, west) -> {
                  east.with(remote("Kubernetes", "https://west.example:6443", 1_900_000_000L));
                  west.with(remote("Kubernetes", "https://east.example:6443", 1_900_000_000L));
                }),
            new Pair(
                "a token ended",
                "SLV8002",
                Status.FAIL,
                "the token for west ended at 2026-11-23T12:00:00Z",
                (east, west) -> {
                  named(west, "west");
                  east.with(remote("west", "https://west.example:6443", 1_795_435_200L));
                }),
            new Pair(
                "a Secret dials its reader",
                "SLV8002",
                Status.FAIL,
                "which is the reader's own machine",
                (east, west) -> {
                  named(west, "west");
                  east.with(remote("west", "https://127.0.0.1:6443", 1_900_000_000L));
                }),
            new Pair(
                "the control plane cannot read the other cluster",
                "SLV8002",
                Status.FAIL,
                "the control plane of east cannot read the cluster west",
                (east, west) -> {
                  named(west, "west");
                  east.with(remote("west", "https://west.example:6443", 1_900_000_000L));
                  east.metrics = status(east, "timeout");
                }),
            new Pair(
                "the control plane reads the other cluster",
                "SLV8002",
                Status.PASS,
                "2 Secrets can be used",
                (east, west) -> {
                  named(east, "east");
                  named(west, "west");
                  east.with(remote("west", "https://west.example:6443", 1_900_000_000L));
                  west.with(remote("east", "https://east.example:6443", 1_900_000_000L));
                  east.metrics = status(east, "synced");
                }),
            new Pair(
                "Secrets may not be read",
                "SLV8002",
                Status.UNKNOWN,
                "secrets",
                (east, _) -> east.unseen(Kind.SECRET)),
            new Pair(
                "a network has no gateway",
                "SLV8003",
                Status.FAIL,
                "east is on network n-east and has no Gateway",
                (east, west) -> {
                  network(east, "n-east");
                  network(west, "n-west");
                }),
            new Pair(
                "Gateways may not be read",
                "SLV8003",
                Status.UNKNOWN,
                "gateways",
                (east, west) -> {
                  network(east, "n-east");
                  network(west, "n-west");
                  east.unseen(Kind.GATEWAY);
                  west.unseen(Kind.GATEWAY);
                }),
            new Pair(
                "a proxy knows no endpoint of the other cluster",
                "SLV8004",
                Status.FAIL,
                "proxies of east know no endpoint in west of",
                (east, _) -> endpoints(east, "10.9.9.9")),
            new Pair(
                "a Service stays on its nodes",
                "SLV8004",
                Status.SKIP,
                "no Service of a workload in the mesh is in two clusters",
                (east, west) -> {
                  endpoints(east, "10.9.9.9");
                  endpoints(west, "10.9.9.9");
                  services(east, "internalTrafficPolicy", "Local");
                  services(west, "internalTrafficPolicy", "Local");
                }),
            new Pair(
                "a headless Service is called where it is dialled",
                "SLV8004",
                Status.SKIP,
                "no Service of a workload in the mesh is in two clusters",
                (east, west) -> {
                  endpoints(east, "10.9.9.9");
                  endpoints(west, "10.9.9.9");
                  services(east, "clusterIP", "None");
                  services(west, "clusterIP", "None");
                }),
            new Pair(
                "proxies do not show endpoints",
                "SLV8004",
                Status.UNKNOWN,
                "no proxy showed its endpoints",
                (_, _) -> {}),
            new Pair(
                "a policy is in one cluster only",
                "SLV8005",
                Status.FAIL,
                "AuthorizationPolicy istio-system/deny is in east and not in west",
                (east, _) ->
                    east.with(
                        """
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: deny, namespace: istio-system}
                        spec: {action: DENY}
                        """)),
            new Pair(
                "a namespace is two teams'",
                "SLV8006",
                Status.WARN,
                "namespace sample of east and west is of different owners: team is blue / red",
                (east, west) -> {
                  team(east, "blue");
                  team(west, "red");
                }))
        .map(Pair::test);
  }

  @Test
  void clustersWithDifferentRootsAreFound() {
    Evidence apart =
        Fixtures.evidence(
            Fixtures.istio("east", FixtureAuthority.make()),
            Fixtures.istio("west", FixtureAuthority.make()));
    new Broken("", "SLV8001", Status.FAIL, "east and west have different roots", _ -> {})
        .check(apart);
  }

  @Test
  void aTrustDomainThatIsNotAcceptedIsFound() {
    FixtureAuthority authority = FixtureAuthority.make();
    Fixture west = Fixtures.istio("west", authority);
    west.flavour =
        west.flavour.map(
            f -> new Flavour(f.kind(), f.version(), f.namespace(), f.revisions(), "other.example"));
    assertThat(
            Fixtures.diagnosis(Fixtures.evidence(Fixtures.istio("east", authority), west))
                .results())
        .filteredOn(result -> result.code().equals("SLV8007"))
        .anySatisfy(
            result -> {
              assertThat(result.status()).isEqualTo(Status.FAIL);
              assertThat(result.summary())
                  .isEqualTo("east does not accept the trust domain other.example of west");
            });
  }

  private static void named(Fixture f, String id) {
    f.change(
        Kind.DEPLOYMENT,
        "istio-system",
        "istiod",
        json ->
            json.at("/spec/template/spec/containers/0/env")
                .forEach(
                    one -> {
                      if (one.path("name").asString("").equals("CLUSTER_ID")) {
                        ((ObjectNode) one).put("value", id);
                      }
                    }));
  }

  private static String remote(String id, String server, long end) {
    String config =
        """
        {"apiVersion":"v1","kind":"Config","current-context":"%1$s",
         "clusters":[{"name":"%1$s","cluster":{"server":"%2$s"}}],
         "contexts":[{"name":"%1$s","context":{"cluster":"%1$s","user":"%1$s"}}],
         "users":[{"name":"%1$s","user":{"token":"[redacted]","tokenClaims":{"exp":%3$d}}}]}
        """
            .formatted(id, server, end);
    return """
    apiVersion: v1
    kind: Secret
    metadata:
      name: istio-remote-secret-%s
      namespace: istio-system
      labels: {istio/multiCluster: "true"}
      annotations: {networking.istio.io/cluster: %s}
    data: {%s: %s}
    """
        .formatted(
            id,
            id,
            id,
            Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8)));
  }

  private static void network(Fixture f, String name) {
    f.change(
        Kind.NAMESPACE,
        "",
        "istio-system",
        json -> json.withObject("/metadata/labels").put("topology.istio.io/network", name));
  }

  /** What a control plane says of the cluster {@code west}. */
  private static Look<List<Metric>> status(Fixture f, String status) {
    return f.metrics.map(
        all ->
            Stream.concat(
                    all.stream(),
                    Stream.of(
                        new Metric(
                            "istiod-1",
                            "istiod_remote_cluster_sync_status",
                            Map.of("cluster", "west", "status", status),
                            1)))
                .toList());
  }

  /** Of all Services whose workloads are in the mesh. */
  private static void services(Fixture f, String field, String value) {
    for (String name : List.of("sample/httpbin", "sample/sleep", "pay/web")) {
      String[] of = name.split("/", 2);
      f.change(Kind.SERVICE, of[0], of[1], json -> json.withObject("/spec").put(field, value));
    }
  }

  private static void team(Fixture f, String team) {
    f.change(
        Kind.NAMESPACE,
        "",
        "sample",
        json -> json.withObject("/metadata/labels").put("team", team));
  }

  private static void endpoints(Fixture f, String address) {
    f.configDump(
        "sleep",
        dump -> {
          ObjectNode one = ((ArrayNode) dump.path("configs")).addObject();
          one.put("@type", "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump");
          ObjectNode config =
              one.putArray("dynamic_endpoint_configs").addObject().putObject("endpoint_config");
          config.put("cluster_name", "outbound|8000||httpbin.sample.svc.cluster.local");
          config
              .putArray("endpoints")
              .addObject()
              .putArray("lb_endpoints")
              .addObject()
              .withObject("/endpoint/address/socket_address")
              .put("address", address)
              .put("port_value", 8080);
        });
  }
}
