package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.selvage.control.generate.ProxyNode;
import io.selvage.control.generate.ProxyResources;
import io.selvage.it.stage.Until;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.XdsResource;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mesh over several networks, given to a real istiod and to our control plane: what a gateway and
 * a client of one of them are told is the same in all that decides where bytes go.
 */
@Tag("real")
class SameNetworksTest {
  private static final String LISTENER = "0.0.0.0_15443";
  private static final Workload GATEWAY =
      new Workload(
          "istio-system",
          "gateway",
          "istio-eastwestgateway",
          "10.0.9.1",
          Map.of("istio", "eastwestgateway", "topology.istio.io/network", "east"));
  private static final Workload CLIENT =
      new Workload(
          "foo",
          "client",
          "client",
          "10.0.0.1",
          Map.of("app", "client", "topology.istio.io/network", "east"));
  private static final Map<String, String> EAST = Map.of("NETWORK", "east");
  private static final String CONFIGURATION =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: foo}
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: cross-network-gateway, namespace: istio-system}
      spec:
        selector: {istio: eastwestgateway}
        servers:
        - port: {number: 15443, name: tls, protocol: TLS}
          tls: {mode: AUTO_PASSTHROUGH}
          hosts: ["*.foo.svc.cluster.local", "*.local.example"]
      ---
      apiVersion: v1
      kind: Service
      metadata:
        name: west-gateway
        namespace: istio-system
        labels: {topology.istio.io/network: west}
      spec:
        externalIPs: [192.0.2.1, 192.0.2.2]
        ports: [{name: tls, port: 15443}]
      ---
      apiVersion: v1
      kind: Service
      metadata:
        name: north-gateway
        namespace: istio-system
        labels: {topology.istio.io/network: north, networking.istio.io/gatewayPort: "443"}
      spec:
        externalIPs: [198.51.100.1, 198.51.100.2, 198.51.100.3]
        ports: [{name: tls, port: 443}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: web, namespace: foo}
      spec:
        hosts: [web.foo.svc.cluster.local]
        location: MESH_INTERNAL
        ports:
        - {number: 80, name: http, protocol: HTTP, targetPort: 8080}
        - {number: 9000, name: tcp, protocol: TCP}
        resolution: STATIC
        workloadSelector: {labels: {app: web}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: web, namespace: foo}
      spec:
        host: web.foo.svc.cluster.local
        trafficPolicy: {connectionPool: {tcp: {maxConnections: 11, connectTimeout: 3s}}}
        subsets:
        - {name: v1, labels: {version: v1}}
        - name: v2
          labels: {version: v2}
          trafficPolicy: {tls: {mode: DISABLE}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: off, namespace: foo}
      spec:
        hosts: [off.foo.svc.cluster.local]
        location: MESH_INTERNAL
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        workloadSelector: {labels: {app: "off"}}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: off, namespace: foo}
      spec:
        selector: {matchLabels: {app: "off"}}
        mtls: {mode: DISABLE}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: hidden, namespace: foo}
      spec:
        hosts: [hidden.foo.svc.cluster.local]
        exportTo: ["."]
        location: MESH_INTERNAL
        ports: [{number: 80, name: http, protocol: HTTP}]
        resolution: STATIC
        workloadSelector: {labels: {app: web}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: outside, namespace: foo}
      spec:
        hosts: [api.local.example]
        location: MESH_EXTERNAL
        ports: [{number: 443, name: tls, protocol: TLS}]
        resolution: STATIC
        endpoints: [{address: 203.0.113.1}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db, namespace: foo}
      spec:
        hosts: [db.local.example, db.other.example]
        location: MESH_INTERNAL
        ports: [{number: 5432, name: tcp, protocol: TCP}]
        resolution: STATIC
        endpoints:
        - {address: 10.0.0.30, network: east, labels: {security.istio.io/tlsMode: istio}}
        - {address: 10.2.0.30, network: north, locality: r2/z1, labels: {security.istio.io/tlsMode: istio}}
        - {address: 10.2.0.31, network: north, labels: {security.istio.io/tlsMode: istio}}
      """;

  private static String workload(
      String name, String app, String version, String address, String network, String more) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: WorkloadEntry
    metadata: {name: %1$s, namespace: foo}
    spec:
      address: %4$s
      %5$s
      serviceAccount: %2$s
      labels: {app: "%2$s", version: %3$s%6$s}
    """
        .formatted(
            name, app, version, address, network.isEmpty() ? "" : "network: " + network, more);
  }

  private static String workloads() {
    String istio = ", security.istio.io/tlsMode: istio";
    String none = ", security.istio.io/tlsMode: disabled";
    return workload("web-1", "web", "v1", "10.0.0.2", "east", istio)
        + workload("web-2", "web", "v1", "10.1.0.2", "west", istio)
        + workload("web-3", "web", "v2", "10.1.0.3", "west", istio)
        + workload("web-4", "web", "v1", "10.1.0.4", "west", "")
        + workload("web-5", "web", "v1", "10.2.0.5", "north", istio)
        + workload("web-6", "web", "v1", "10.3.0.6", "south", istio)
        + workload("web-7", "web", "v2", "10.4.0.7", "", istio)
        + workload("web-8", "web", "v1", "10.0.0.8", "east", "")
        + workload("web-9", "web", "v1", "10.1.0.9", "west", none)
        + workload("web-10", "web", "v1", "10.0.0.11", "east", none)
        + workload("off-1", "off", "v1", "10.0.0.9", "east", istio)
        + workload("off-2", "off", "v1", "10.1.0.9", "west", istio);
  }

  @TempDir private static Path home;
  private static Istiod istiod;
  private static OurAnswers ours;

  @BeforeAll
  static void up() throws Exception {
    istiod = Istiod.start(home, Istiod.Settings.FOR_ANY_ENVOY);
    try {
      for (Workload each : List.of(GATEWAY, CLIENT)) {
        istiod.add(each);
      }
      istiod.kube().client().apply(CONFIGURATION + workloads());
    } catch (Throwable e) {
      istiod.close();
      throw e;
    }
    ours = new OurAnswers(CONFIGURATION + workloads());
  }

  @AfterAll
  static void down() {
    istiod.close();
  }

  private static Collection<XdsResource> parsed(XdsType type, List<Any> sent) {
    ParseResult result = ResourceParser.parse(type, sent);
    assertThat(result.problems()).isEmpty();
    return result.good().values();
  }

  /** What a chain matches and where it leads. */
  private static Set<String> chains(Collection<? extends XdsResource> listeners) {
    return listeners.stream()
        .map(Listener.class::cast)
        .filter(listener -> listener.name().equals(LISTENER))
        .flatMap(listener -> listener.filterChains().stream())
        .map(SameNetworksTest::chain)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String chain(FilterChain chain) {
    assertThat(chain.tls()).isEmpty();
    var tcp = (NetworkStack.Tcp) chain.stack();
    assertThat(tcp.authorization().stages()).isEmpty();
    return "%s %s -> %s"
        .formatted(
            chain.match().serverNames(),
            new TreeSet<>(chain.match().applicationProtocols()),
            tcp.cluster());
  }

  private static Map<String, String> clusters(Collection<? extends XdsResource> clusters) {
    var all = new TreeMap<String, String>();
    for (XdsResource resource : clusters) {
      Cluster cluster = (Cluster) resource;
      if (cluster.name().startsWith("outbound_.")) {
        boolean encrypts = cluster.transport().stream().anyMatch(t -> t.tls().isPresent());
        all.put(
            cluster.name(),
            "%s %s %s %d %s"
                .formatted(
                    cluster.discovery(),
                    cluster.loadBalancing(),
                    cluster.connectTimeout(),
                    cluster.limits().maxConnections(),
                    encrypts ? "TLS" : "as it comes"));
      }
    }
    return all;
  }

  /** Addresses with weights by place, of the load assignments of some services. */
  private static Map<String, Set<String>> endpoints(Collection<? extends XdsResource> assignments) {
    var all = new TreeMap<String, Set<String>>();
    for (XdsResource resource : assignments) {
      var assignment = (ClusterLoadAssignment) resource;
      var some = new TreeSet<String>();
      for (var place : assignment.localities()) {
        for (var endpoint : place.endpoints()) {
          some.add(
              "%s/%s %s:%d weighs %d %s"
                  .formatted(
                      place.region(),
                      place.zone(),
                      endpoint.address(),
                      endpoint.port(),
                      endpoint.weight(),
                      // nothing chooses by them where all of the cluster is plaintext
                      assignment.name().contains("|v2|") ? "" : endpoint.transport()));
        }
      }
      all.put(assignment.name(), some);
    }
    return all;
  }

  @Test
  void aGatewayHasTheSameChainsClustersAndEndpoints() throws Exception {
    ProxyResources told = ours.to(GATEWAY, ProxyNode.Kind.ROUTER, "east");
    var chains = chains(told.listeners());
    assertThat(chains).hasSize(8);
    Until.seen(
        "istiod's chains are " + chains, () -> chains(gateways(XdsType.LISTENER)), chains::equals);
    var clusters = clusters(told.clusters());
    assertThat(clusters).hasSize(8);
    var theirs = clusters(gateways(XdsType.CLUSTER));
    theirs.keySet().retainAll(clusters.keySet());
    assertThat(theirs).isEqualTo(clusters);
    var endpoints = endpoints(told.endpoints());
    Until.seen(
        "istiod's endpoints are " + endpoints,
        () -> endpoints(gateways(XdsType.ENDPOINTS, clusters.keySet().toArray(String[]::new))),
        endpoints::equals);
  }

  private static Collection<XdsResource> gateways(XdsType type, String... names) throws Exception {
    var more = new TreeMap<>(EAST);
    more.put("REQUESTED_NETWORK_VIEW", "east");
    try (var ads = new RawAds(istiod, GATEWAY, "router", more)) {
      return parsed(type, ads.get(type, List.of(names)));
    }
  }

  @Test
  void aClientSeesTheSameGatewaysInPlaceOfWhatIsInOtherNetworks() throws Exception {
    var told = endpoints(ours.to(CLIENT, ProxyNode.Kind.SIDECAR, "east").endpoints());
    told.keySet().removeIf(name -> !name.matches(".*(web|off|db)\\..*"));
    assertThat(told).hasSize(9);
    Until.seen(
        "istiod's endpoints are " + told,
        () -> {
          try (var ads = new RawAds(istiod, CLIENT, "sidecar", EAST)) {
            return endpoints(
                parsed(XdsType.ENDPOINTS, ads.get(XdsType.ENDPOINTS, List.copyOf(told.keySet()))));
          }
        },
        told::equals);
  }
}
