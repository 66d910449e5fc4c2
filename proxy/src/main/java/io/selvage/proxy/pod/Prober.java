package io.selvage.proxy.pod;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One probe (or HTTP hook) of the application, as kubelet would have done it, and as injection
 * writes it into {@code ISTIO_KUBE_APP_PROBERS}.
 */
public sealed interface Prober {
  /** Where the application listens. */
  int port();

  /** How long it may take. */
  Duration timeout();

  /** {@code httpGet}; over TLS nothing is verified, as kubelet does. */
  record Http(int port, Duration timeout, boolean tls, String path) implements Prober {}

  /** {@code tcpSocket}. */
  record Tcp(int port, Duration timeout) implements Prober {}

  /** {@code grpc}: the standard health service. */
  record Grpc(int port, Duration timeout, String service) implements Prober {}

  /**
   * Reads them all, by the path at which each is asked for.
   *
   * @throws IllegalArgumentException when it isn't what injection writes
   */
  static Map<String, Prober> parse(String json) {
    JsonNode tree;
    try {
      tree = JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
    Map<String, Prober> all = new TreeMap<>();
    tree.properties().forEach(entry -> all.put(entry.getKey(), of(entry.getValue())));
    return Map.copyOf(all);
  }

  private static Prober of(JsonNode node) {
    Duration timeout = Duration.ofSeconds(Math.max(1, node.path("timeoutSeconds").asInt(1)));
    JsonNode http = node.path("httpGet");
    if (http.isObject()) {
      String path = http.path("path").asString("");
      return new Http(
          port(http),
          timeout,
          http.path("scheme").asString("HTTP").equals("HTTPS"),
          path.startsWith("/") ? path : "/" + path);
    }
    if (node.path("tcpSocket").isObject()) {
      return new Tcp(port(node.path("tcpSocket")), timeout);
    }
    if (node.path("grpc").isObject()) {
      JsonNode grpc = node.path("grpc");
      return new Grpc(port(grpc), timeout, grpc.path("service").asString(""));
    }
    throw new IllegalArgumentException("neither httpGet, tcpSocket nor grpc: " + node);
  }

  private static int port(JsonNode action) {
    int port = action.path("port").asInt(0);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no port: " + action);
    }
    return port;
  }
}
