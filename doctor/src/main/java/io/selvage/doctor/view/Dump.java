package io.selvage.doctor.view;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a proxy has, by its {@code /config_dump} ({@code envoy.admin.v3.ConfigDump}). Read as JSON,
 * since a foreign Envoy may have messages that nobody here knows.
 */
public record Dump(JsonNode json) {
  private static final String LISTENERS = "ListenersConfigDump";
  private static final String CLUSTERS = "ClustersConfigDump";
  private static final String ENDPOINTS = "EndpointsConfigDump";

  /** Of a proxy; empty when it did not show it. */
  public static Optional<Dump> of(ProxyView proxy) {
    return proxy.configDump().found().map(Dump::new);
  }

  /** Whether the proxy was left out, since only some are asked for everything. */
  public static boolean isNotAsked(ProxyView proxy) {
    return proxy.configDump() instanceof Look.Unseen<JsonNode>(String why, _)
        && why.startsWith("not asked");
  }

  /**
   * Of how many proxies something was seen: {@code 25 of 214 proxies}, with how to ask all.
   *
   * @param asked of them
   */
  public static String share(int asked, int all) {
    return asked == all
        ? all + (all == 1 ? " proxy" : " proxies")
        : "%d of %d proxies (--proxies %d asks all)".formatted(asked, all, all);
  }

  /** What the proxy was started with: {@code envoy.config.bootstrap.v3.Bootstrap}. */
  public JsonNode bootstrap() {
    return configs("BootstrapConfigDump")
        .findFirst()
        .map(dump -> dump.path("bootstrap"))
        .orElseGet(() -> json.path("bootstrap"));
  }

  private Stream<JsonNode> configs(String type) {
    return json.path("configs")
        .valueStream()
        .filter(one -> one.path("@type").asString("").endsWith(type));
  }

  /** The listeners in force, dynamic and static. */
  public List<JsonNode> listeners() {
    return Stream.concat(
            configs(LISTENERS)
                .flatMap(dump -> dump.path("dynamic_listeners").valueStream())
                .map(one -> one.at("/active_state/listener")),
            configs(LISTENERS)
                .flatMap(dump -> dump.path("static_listeners").valueStream())
                .map(one -> one.path("listener")))
        .filter(listener -> !listener.isMissingNode())
        .toList();
  }

  /** The clusters in force, dynamic and static. */
  public List<JsonNode> clusters() {
    return Stream.of("dynamic_active_clusters", "static_clusters")
        .flatMap(where -> configs(CLUSTERS).flatMap(dump -> dump.path(where).valueStream()))
        .map(one -> one.path("cluster"))
        .toList();
  }

  /** The endpoints ({@code ?include_eds}); empty when the dump is without them. */
  public Optional<List<JsonNode>> endpoints() {
    if (configs(ENDPOINTS).findAny().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Stream.of("dynamic_endpoint_configs", "static_endpoint_configs")
            .flatMap(where -> configs(ENDPOINTS).flatMap(dump -> dump.path(where).valueStream()))
            .map(one -> one.path("endpoint_config"))
            .toList());
  }

  /** Whether there is a listener for what comes in. */
  public boolean hasInbound() {
    return !inbound().isEmpty();
  }

  private List<JsonNode> inbound() {
    return listeners().stream()
        .filter(one -> one.path("traffic_direction").asString("").equals("INBOUND"))
        .toList();
  }

  /**
   * The filter chains that a connection to a port of the workload can come to: those for the port,
   * or where there are none those for any.
   */
  public List<Chain> chains(int port) {
    List<Chain> ofPort = new ArrayList<>();
    List<Chain> ofAny = new ArrayList<>();
    for (JsonNode listener : inbound()) {
      boolean captures = captures(listener);
      int bound = listener.at("/address/socket_address/port_value").asInt(0);
      for (JsonNode json : listener.path("filter_chains")) {
        Chain chain = new Chain(json);
        if (chain.port().orElse(captures ? 0 : bound) == port) {
          ofPort.add(chain);
        } else if (chain.port().isEmpty() && captures) {
          ofAny.add(chain);
        }
      }
    }
    return ofPort.isEmpty() ? ofAny : ofPort;
  }

  /** Connections come with another destination than the listener's own. */
  private static boolean captures(JsonNode listener) {
    return listener.path("use_original_dst").asBoolean(false)
        || listener
            .path("listener_filters")
            .valueStream()
            .anyMatch(filter -> type(filter.path("typed_config")).endsWith("OriginalDst"));
  }

  /** What the proxy refused, in its own words, by the resource's name. */
  public Map<String, String> refusals() {
    Map<String, String> found = new TreeMap<>();
    for (JsonNode config : json.path("configs")) {
      config
          .properties()
          .forEach(
              entry ->
                  entry
                      .getValue()
                      .valueStream()
                      .filter(one -> !one.at("/error_state/details").asString("").isEmpty())
                      .forEach(
                          one ->
                              found.put(name(one), one.at("/error_state/details").asString(""))));
    }
    return found;
  }

  private static String name(JsonNode resource) {
    return Stream.of("/name", "/cluster/name", "/route_config/name", "/secret/name")
        .map(pointer -> resource.at(pointer).asString(""))
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse("?");
  }

  private static String type(JsonNode typed) {
    String url = typed.path("@type").asString("");
    return url.substring(url.lastIndexOf('/') + 1);
  }

  /** One filter chain ({@code envoy.config.listener.v3.FilterChain}). */
  public record Chain(JsonNode json) {
    private static final String RBAC = "rbac.v3.RBAC";
    private static final String HTTP = "HttpConnectionManager";

    public String name() {
      return json.path("name").asString("");
    }

    /** The destination port that it is for; empty: any. */
    public OptionalInt port() {
      JsonNode port = json.at("/filter_chain_match/destination_port");
      return port.isNumber() ? OptionalInt.of(port.asInt()) : OptionalInt.empty();
    }

    /** It takes bytes that are no TLS. */
    public boolean takesPlaintext() {
      return !json.has("transport_socket")
          && !json.at("/filter_chain_match/transport_protocol").asString("").equals("tls");
    }

    /** It ends TLS and demands a certificate of the client. */
    public boolean demandsCertificate() {
      return json.at("/transport_socket/typed_config/require_client_certificate").asBoolean(false);
    }

    /** It sees requests, not only bytes. */
    public boolean isHttp() {
      return json.path("filters")
          .valueStream()
          .anyMatch(filter -> type(filter.path("typed_config")).endsWith(HTTP));
    }

    /** Its RBAC filters, HTTP's or the connection's, in order. */
    public List<Rbac> rbac() {
      return json.path("filters")
          .valueStream()
          .flatMap(
              filter ->
                  type(filter.path("typed_config")).endsWith(HTTP)
                      ? filter.at("/typed_config/http_filters").valueStream()
                      : Stream.of(filter))
          .map(filter -> filter.path("typed_config"))
          .filter(config -> type(config).endsWith(RBAC))
          .map(Rbac::new)
          .toList();
    }
  }

  /** One RBAC filter. */
  public record Rbac(JsonNode json) {
    /** ALLOW, DENY or LOG; Envoy leaves ALLOW out. */
    public String action() {
      return json.at("/rules/action").asString("ALLOW");
    }

    /** Whether anything is enforced. */
    public boolean enforces() {
      return json.has("rules");
    }

    /** The enforced policies by their ids. */
    public Map<String, JsonNode> policies() {
      return byId(json.at("/rules/policies"));
    }

    /** Those that only note, or that decide whether to ask an authorizer. */
    public Map<String, JsonNode> shadow() {
      return byId(json.at("/shadow_rules/policies"));
    }

    private static Map<String, JsonNode> byId(JsonNode policies) {
      Map<String, JsonNode> found = new TreeMap<>();
      policies.properties().forEach(entry -> found.put(entry.getKey(), entry.getValue()));
      return found;
    }
  }
}
