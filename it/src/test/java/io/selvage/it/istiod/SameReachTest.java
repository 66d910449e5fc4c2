package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.selvage.control.generate.ProxyNode;
import io.selvage.control.generate.ProxyResources;
import io.selvage.it.stage.Until;
import io.selvage.xds.XdsType;
import io.selvage.xds.resource.Cluster.Discovery;
import io.selvage.xds.resource.NetworkStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table of Sidecars, given to a real istiod and to our control plane: for each, a workload of its
 * namespace has clusters and HTTP routes for the same hosts, by the same names and with endpoints
 * found in the same way, and the same becomes of calls to others.
 */
@Tag("real")
class SameReachTest {
  private static final String REGISTRY =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec:
        selector: {app: web}
        ports: [{name: http, port: 8000}, {name: http-admin, port: 8001}, {name: tcp, port: 9000}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: other, namespace: shop}
      spec:
        selector: {app: other}
        ports: [{name: http, port: 8000}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: data}
      spec:
        selector: {app: db}
        ports: [{name: tcp, port: 5432}, {name: http, port: 8000}]
      ---
      apiVersion: v1
      kind: Service
      metadata:
        name: private
        namespace: data
        annotations: {networking.istio.io/exportTo: "."}
      spec:
        selector: {app: private}
        ports: [{name: http, port: 8000}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shards, namespace: data}
      spec:
        clusterIP: None
        selector: {app: shards}
        ports: [{name: http, port: 8000}, {name: tcp, port: 9000}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: alias, namespace: shop}
      spec: {type: ExternalName, externalName: db.data.svc.cluster.local}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: beside, namespace: shop}
      spec: {type: ExternalName, externalName: nobody.knows.example, ports: [{name: http, port: 8000}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: outside, namespace: data}
      spec:
        hosts: [api.outside.example, www.outside.example]
        location: MESH_EXTERNAL
        ports: [{number: 443, name: tls, protocol: TLS}, {number: 8000, name: http, protocol: HTTP}]
        resolution: STATIC
        endpoints: [{address: 203.0.113.1}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: wild, namespace: shop}
      spec:
        hosts: ["*.wild.example"]
        location: MESH_EXTERNAL
        ports: [{number: 8000, name: http, protocol: HTTP}]
        resolution: NONE
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: web, namespace: shop}
      spec:
        host: web.shop.svc.cluster.local
        subsets: [{name: v1, labels: {version: v1}}]
      """;

  /** Sidecars by the namespace that has them; {@code bare} has none. */
  private static final Map<String, List<String>> SIDECARS = sidecars();

  private static Map<String, List<String>> sidecars() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put("bare", List.of());
    all.put("everything", List.of("egress: [{hosts: ['*/*']}]"));
    all.put("own", List.of("egress: [{hosts: ['./*']}]"));
    all.put("named", List.of("egress: [{hosts: ['shop/*', './*']}]"));
    all.put("exact", List.of("egress: [{hosts: ['shop/web.shop.svc.cluster.local']}]"));
    all.put("anywhere", List.of("egress: [{hosts: ['*/db.data.svc.cluster.local']}]"));
    all.put("elsewhere", List.of("egress: [{hosts: ['shop/db.data.svc.cluster.local']}]"));
    all.put("suffix", List.of("egress: [{hosts: ['*/*.outside.example', '*/*.example']}]"));
    all.put("below", List.of("egress: [{hosts: ['*/a.wild.example']}]"));
    all.put("nothing", List.of("egress: [{hosts: ['~/*']}]"));
    all.put("less", List.of("egress: [{hosts: ['*/*', '~data/*']}]"));
    all.put(
        "lesser",
        List.of("egress: [{hosts: ['*/*', '~/web.shop.svc.cluster.local', '~data/*.example']}]"));
    all.put("private", List.of("egress: [{hosts: ['data/private.data.svc.cluster.local']}]"));
    all.put("port", List.of("egress: [{port: {number: 8001, protocol: HTTP}, hosts: ['shop/*']}]"));
    all.put(
        "ports",
        List.of(
            "egress: [{port: {number: 8000, protocol: HTTP}, hosts: ['data/*']}, {hosts: ['shop/*']}]"));
    all.put("database", List.of("egress: [{port: {number: 5432, protocol: TCP}, hosts: ['*/*']}]"));
    all.put("blocks", List.of("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"));
    all.put("unsaid", List.of("outboundTrafficPolicy: {}, egress: [{hosts: ['shop/*']}]"));
    all.put("allows", List.of("outboundTrafficPolicy: {mode: ALLOW_ANY}"));
    all.put(
        "selected",
        List.of(
            "egress: [{hosts: ['shop/*']}]",
            "workloadSelector: {labels: {app: client}}, egress: [{hosts: ['data/*']}]",
            "workloadSelector: {labels: {app: another}}, egress: [{hosts: ['*/*']}]"));
    all.put(
        "unselected",
        List.of("workloadSelector: {labels: {app: another}}, egress: [{hosts: ['data/*']}]"));
    return all;
  }

  /** Of the namespaces that have none of their own for the workload. */
  private static final String MESH_WIDE =
      """
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: default, namespace: istio-system}
      spec:
        egress: [{hosts: [./*, shop/web.shop.svc.cluster.local]}]
      """;

  @TempDir private static Path home;
  private static Istiod istiod;

  private static Workload client(String namespace) {
    int number = List.copyOf(SIDECARS.keySet()).indexOf(namespace) + 1;
    return new Workload(namespace, "client", "client", "10.0.1." + number, Map.of("app", "client"));
  }

  private static String configuration() {
    StringBuilder all = new StringBuilder(REGISTRY);
    SIDECARS.forEach(
        (namespace, specs) -> {
          for (int i = 0; i < specs.size(); i++) {
            all.append("---\napiVersion: networking.istio.io/v1\nkind: Sidecar\n")
                .append("metadata: {name: s%d, namespace: %s}\n".formatted(i, namespace))
                .append("spec: {%s}\n".formatted(specs.get(i)));
          }
          all.append("---\napiVersion: v1\nkind: Service\n")
              .append("metadata: {name: own, namespace: %s}\n".formatted(namespace))
              .append("spec: {selector: {app: own}, ports: [{name: http, port: 8000}]}\n");
        });
    return all.toString();
  }

  @BeforeAll
  static void up() throws Exception {
    istiod = Istiod.start(home, Istiod.Settings.FOR_ANY_ENVOY);
    try {
      for (String namespace : List.of("shop", "data")) {
        istiod
            .kube()
            .client()
            .apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace));
      }
      for (String namespace : SIDECARS.keySet()) {
        istiod.add(client(namespace));
      }
      istiod.replace(Manifest.read(configuration()));
    } catch (Throwable e) {
      istiod.close();
      throw e;
    }
  }

  @AfterAll
  static void down() {
    istiod.close();
  }

  private static Set<String> told(OurAnswers ours, String namespace) {
    return told(ours.to(client(namespace), ProxyNode.Kind.SIDECAR, ""));
  }

  /** Clusters, virtual hosts by route configuration, and where calls to others go. */
  private static Set<String> told(ProxyResources resources) {
    TreeSet<String> all = new TreeSet<>();
    resources
        .outbound()
        .clusters()
        .forEach(cluster -> addCluster(cluster.name(), type(cluster.discovery()), all));
    resources.outbound().routesOfCaptured().stream()
        .filter(routes -> routes.name().matches("[0-9]+"))
        .forEach(
            routes ->
                routes
                    .virtualHosts()
                    .forEach(host -> addRoute(routes.name(), host.name(), host.domains(), all)));
    resources.outbound().listeners().stream()
        .filter(listener -> listener.name().equals("virtualOutbound"))
        .map(listener -> (NetworkStack.Tcp) listener.defaultFilterChain().orElseThrow().stack())
        .forEach(tcp -> all.add("others " + tcp.cluster()));
    return all;
  }

  private static void addCluster(String name, DiscoveryType type, Set<String> all) {
    if (name.startsWith("outbound|") && !name.endsWith(".default.svc.cluster.local")) {
      all.add("cluster " + name + " " + type);
    }
  }

  /** Without addresses: each of the two has given its own where none was written. */
  private static void addRoute(String routes, String host, List<String> domains, Set<String> all) {
    List<String> names =
        domains.stream().filter(domain -> !domain.matches("[0-9.]+")).sorted().toList();
    all.add("route " + routes + " " + host + " " + names);
  }

  private static DiscoveryType type(Discovery discovery) {
    return switch (discovery) {
      case Discovery.Eds _ -> DiscoveryType.EDS;
      case Discovery.OriginalDestination _ -> DiscoveryType.ORIGINAL_DST;
      case Discovery.StrictDns _ -> DiscoveryType.STRICT_DNS;
      case Discovery.Static _, Discovery.None _ -> DiscoveryType.STATIC;
    };
  }

  private static Set<String> theirs(Workload client) throws Exception {
    TreeSet<String> all = new TreeSet<>();
    TreeSet<String> routes = new TreeSet<>();
    try (var ads = new RawAds(istiod, client)) {
      for (Any any : ads.get(XdsType.CLUSTER, List.of())) {
        Cluster cluster = any.unpack(Cluster.class);
        addCluster(cluster.getName(), cluster.getType(), all);
      }
      for (Any any : ads.get(XdsType.LISTENER, List.of())) {
        for (FilterChain chain : chains(any.unpack(Listener.class))) {
          addChain(chain, routes, all);
        }
      }
      if (!routes.isEmpty()) {
        for (Any any : ads.get(XdsType.ROUTES, routes)) {
          var one = any.unpack(RouteConfiguration.class);
          one.getVirtualHostsList()
              .forEach(host -> addRoute(one.getName(), host.getName(), host.getDomainsList(), all));
        }
      }
    }
    return all;
  }

  private static List<FilterChain> chains(Listener listener) {
    List<FilterChain> all = new ArrayList<>(listener.getFilterChainsList());
    all.add(listener.getDefaultFilterChain());
    return all;
  }

  private static void addChain(FilterChain chain, Set<String> routes, Set<String> all)
      throws InvalidProtocolBufferException {
    for (Filter filter : chain.getFiltersList()) {
      if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
        var http = filter.getTypedConfig().unpack(HttpConnectionManager.class);
        if (http.getRds().getRouteConfigName().matches("[0-9]+")) {
          routes.add(http.getRds().getRouteConfigName());
        }
      } else if (filter.getTypedConfig().is(TcpProxy.class)
          && chain.getName().equals("virtualOutbound-catchall-tcp")) {
        all.add("others " + filter.getTypedConfig().unpack(TcpProxy.class).getCluster());
      }
    }
  }

  private static void assertSame(String configuration, List<String> namespaces) throws Exception {
    OurAnswers ours = new OurAnswers(configuration);
    for (String namespace : namespaces) {
      Set<String> told = told(ours, namespace);
      Until.seen(
          namespace + ": nothing is told by one of the two alone",
          () -> toldByOne(told, theirs(client(namespace))),
          Set::isEmpty);
    }
  }

  private static Set<String> toldByOne(Set<String> ours, Set<String> theirs) {
    TreeSet<String> differences = new TreeSet<>();
    ours.stream().filter(one -> !theirs.contains(one)).forEach(one -> differences.add("- " + one));
    theirs.stream().filter(one -> !ours.contains(one)).forEach(one -> differences.add("+ " + one));
    return differences;
  }

  @Test
  void theTableTellsHostsApart() {
    OurAnswers ours = new OurAnswers(configuration());
    assertThat(told(ours, "nothing")).containsExactly("others PassthroughCluster");
    assertThat(told(ours, "own"))
        .containsExactly(
            "cluster outbound|8000||own.own.svc.cluster.local EDS",
            "others PassthroughCluster",
            "route 8000 allow_any [*]",
            "route 8000 own.own.svc.cluster.local:8000 [own, own.own, own.own.svc, own.own.svc.cluster.local, own.own.svc.cluster.local.]");
    assertThat(told(ours, "blocks")).contains("others BlackHoleCluster");
  }

  @Test
  void eachSidecarLetsItsWorkloadsSeeTheSameHosts() throws Exception {
    assertSame(configuration(), List.copyOf(SIDECARS.keySet()));
    istiod.kube().client().apply(MESH_WIDE);
    assertSame(configuration() + "---\n" + MESH_WIDE, List.of("bare", "unselected", "selected"));
  }
}
