package io.selvage.control.admin;

import io.selvage.control.ControlPlane;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.XdsType;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import io.selvage.xds.admin.ConfigDumpQuery;
import io.selvage.xds.admin.EnvoyJson;
import io.selvage.xds.server.ClientStatus;
import io.selvage.xds.server.DebugSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/**
 * What istiod shows under {@code /debug}, of this control plane: the pages that people and istioctl
 * ask for, in istiod's names and fields ({@code pilot/pkg/xds/debug.go}).
 */
public final class DebugPages implements DebugSource {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PROXY = "proxyID";
  private static final String NAMESPACE = "namespace";

  /** Where problems with another cluster are. */
  private static final String OF_CLUSTER = "cluster ";

  /** Its kubeconfig is refused, or its API does not answer. */
  private static final Set<String> UNREAD = Set.of("SLV7260", "SLV7261");

  private final ControlPlane plane;
  private final Map<String, Function<AdminRequest, AdminPage>> pages = new TreeMap<>();

  /** The pages of a control plane. */
  public DebugPages(ControlPlane plane) {
    this.plane = plane;
    pages.put("adsz", _ -> json(clients(true)));
    pages.put("authorizationz", _ -> json(authorization()));
    pages.put("clusterz", _ -> json(clusters()));
    pages.put("config_dump", this::configDump);
    pages.put("configz", _ -> json(configuration()));
    pages.put("connections", _ -> json(clients(false)));
    pages.put("endpointShardz", _ -> json(endpoints()));
    pages.put("endpointz", _ -> json(endpoints()));
    pages.put("list", _ -> json(pages.keySet().stream().filter(n -> !n.equals("list")).toList()));
    pages.put("mesh", _ -> json(plane.snapshot().meshConfig()));
    pages.put("registryz", _ -> json(plane.services().services()));
    pages.put("syncz", request -> json(synced(request.parameter(NAMESPACE))));
  }

  /** By istiod's rule: only from the root namespace. */
  @Override
  public boolean mayAsk(SpiffeId caller) {
    return caller.namespace().equals(Optional.of(plane.snapshot().meshConfig().rootNamespace()));
  }

  @Override
  public String instance() {
    String version =
        Optional.ofNullable(DebugPages.class.getPackage().getImplementationVersion())
            .orElse("unknown");
    return JSON.writeValueAsString(
        Map.of(
            "Component",
            "selvage",
            "ID",
            "selvage-" + plane.workloads().id(),
            "Info",
            Map.of("version", version)));
  }

  /** The names of all pages. */
  public Set<String> names() {
    return Set.copyOf(pages.keySet());
  }

  @Override
  public Optional<AdminPage> page(String name, AdminRequest request) {
    return Optional.ofNullable(pages.get(name)).map(page -> page.apply(request));
  }

  private static AdminPage json(Object value) {
    return AdminPage.json(JSON.writeValueAsString(value));
  }

  private AdminPage configDump(AdminRequest request) {
    request.onlyKnows(Set.of(PROXY, ConfigDumpQuery.ENDPOINTS, ConfigDumpQuery.MASK));
    Optional<String> proxy = request.parameter(PROXY).filter(id -> !id.isEmpty());
    if (proxy.isEmpty()) {
      return AdminPage.text(400, "You must provide a proxyID in the query string");
    }
    var query = ConfigDumpQuery.of(request);
    return plane
        .ads()
        .configDump(proxy.get(), query.withEndpoints())
        .map(dump -> AdminPage.json(EnvoyJson.of(query.of(dump))))
        .orElseGet(
            () ->
                AdminPage.text(
                    404,
                    "Proxy not connected to this Pilot instance. It may be connected to another"
                        + " instance."));
  }

  /** {@code SyncStatus} of istiod: versions in place of nonces. */
  private List<Map<String, Object>> synced(Optional<String> namespace) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (ClientStatus client : plane.ads().status()) {
      if (namespace.isPresent()
          && !namespace.get().equals(client.metadata().getOrDefault("NAMESPACE", ""))) {
        continue;
      }
      Map<String, Object> to = new LinkedHashMap<>();
      to.put("cluster_id", client.metadata().getOrDefault("CLUSTER_ID", ""));
      to.put("proxy", proxy(client));
      to.put("proxy_type", client.nodeId().substring(0, client.nodeId().indexOf('~')));
      to.put("istio_version", client.metadata().getOrDefault("ISTIO_VERSION", ""));
      Map<String, Object> resources = new TreeMap<>();
      for (ClientStatus.TypeStatus type : client.types()) {
        if (type.subscribed()) {
          String name = name(type.type());
          if (!name.isEmpty()) {
            to.put(name + "_sent", type.sentVersion());
            to.put(name + "_acked", type.ackedVersion());
          }
          resources.put(type.type().url(), resource(type));
        }
      }
      to.put("resources", resources);
      all.add(to);
    }
    return all;
  }

  /** {@code NAME.NAMESPACE}: a node's id is {@code TYPE~ADDRESS~NAME.NAMESPACE~DOMAIN}. */
  private static String proxy(ClientStatus client) {
    String[] parts = client.nodeId().split("~", -1);
    return parts.length == 4 ? parts[2] : client.nodeId();
  }

  private static String name(XdsType type) {
    return switch (type) {
      case CLUSTER -> "cluster";
      case ENDPOINTS -> "endpoint";
      case EXTENSION -> "extension_config";
      case LISTENER -> "listener";
      case ROUTES -> "route";
      case SECRET -> "";
    };
  }

  private static Map<String, Object> resource(ClientStatus.TypeStatus type) {
    Map<String, Object> to = new LinkedHashMap<>();
    to.put("sent", type.sentVersion());
    to.put("acked", type.ackedVersion());
    type.sentAt().map(Instant::toString).ifPresent(at -> to.put("sentTime", at));
    type.currentNack().ifPresent(nack -> to.put("lastError", nack.detail()));
    return to;
  }

  /**
   * The {@code syncStatus} of this cluster and of its neighbours; {@code timeout} says that one
   * cannot be read, and nothing else that may be amiss with it, such as another root (SLV7265).
   */
  static Map<String, String> standing(
      String own, Collection<String> neighbours, Collection<Problem> problems) {
    Map<String, String> all = new TreeMap<>();
    all.put(own, "synced");
    neighbours.forEach(id -> all.put(id, "synced"));
    problems.stream()
        .filter(problem -> UNREAD.contains(problem.code()))
        .map(problem -> problem.at().source())
        .filter(source -> source.startsWith(OF_CLUSTER))
        .forEach(source -> all.put(source.substring(OF_CLUSTER.length()), "timeout"));
    return all;
  }

  /** {@code cluster.DebugInfo} of istiod: this cluster, and those that Secrets name. */
  private List<Map<String, Object>> clusters() {
    return standing(
            plane.workloads().id(), plane.workloads().neighbours(), plane.status().problems())
        .entrySet()
        .stream()
        .map(one -> Map.<String, Object>of("id", one.getKey(), "syncStatus", one.getValue()))
        .toList();
  }

  /** {@code AdsClients} of istiod. */
  private Map<String, Object> clients(boolean withMetadata) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (ClientStatus client : plane.ads().status()) {
      Map<String, Object> to = new LinkedHashMap<>();
      to.put("connectionId", client.nodeId());
      to.put("connectedAt", client.connectedAt().toString());
      to.put("address", client.remote());
      if (withMetadata) {
        to.put("metadata", new TreeMap<>(client.metadata()));
        client.identity().ifPresent(id -> to.put("identity", id));
        to.put(
            "watches",
            client.types().stream()
                .filter(ClientStatus.TypeStatus::subscribed)
                .map(type -> type.type().url())
                .toList());
      }
      all.add(to);
    }
    return Map.of("totalClients", all.size(), "clients", all);
  }

  private List<Map<String, Object>> configuration() {
    return plane.snapshot().resources().stream().map(DebugPages::object).toList();
  }

  private static Map<String, Object> object(Resource resource) {
    Map<String, Object> to = new LinkedHashMap<>();
    to.put("kind", resource.kind());
    to.put("namespace", resource.meta().namespace());
    to.put("name", resource.meta().name());
    to.put("at", resource.meta().at().toString());
    return to;
  }

  private Map<String, Object> authorization() {
    Map<String, List<Map<String, Object>>> byNamespace = new TreeMap<>();
    for (AuthorizationPolicy policy : plane.snapshot().all(AuthorizationPolicy.class)) {
      Map<String, Object> to = object(policy);
      to.put("action", policy.action().toString());
      byNamespace.computeIfAbsent(policy.meta().namespace(), _ -> new ArrayList<>()).add(to);
    }
    Map<String, String> rules = new TreeMap<>();
    plane.rules().forEach((id, at) -> rules.put(id, at.toString()));
    return Map.of(
        "authorization_policies",
        Map.of(
            "namespace_to_policies",
            byNamespace,
            "root_namespace",
            plane.snapshot().meshConfig().rootNamespace()),
        "rules",
        rules);
  }

  private Map<String, Map<Integer, List<String>>> endpoints() {
    Map<String, Map<Integer, List<String>>> all = new TreeMap<>();
    var registry = plane.services();
    for (MeshService service : registry.services()) {
      Map<Integer, List<String>> ports = new TreeMap<>();
      service
          .ports()
          .forEach(
              port ->
                  ports.put(
                      port.number(),
                      registry.endpoints(service.host(), port.number()).stream()
                          .map(DebugPages::shown)
                          .toList()));
      all.put(service.host(), ports);
    }
    return all;
  }

  private static String shown(ServiceEndpoint endpoint) {
    return endpoint.address() + ":" + endpoint.port();
  }
}
