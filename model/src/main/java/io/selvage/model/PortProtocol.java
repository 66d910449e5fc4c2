package io.selvage.model;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a port speaks, as Istio reads it from {@code appProtocol}, a port's name, or a protocol. */
public enum PortProtocol {
  HTTP,
  HTTP2,
  GRPC,
  GRPC_WEB,
  HTTPS,
  TLS,
  TCP,
  UDP,
  /** Not said. Treated as TCP unless the bytes show HTTP. */
  UNSPECIFIED;

  /** SMTP, DNS, MySQL, MongoDB: ports that Istio takes for TCP where nothing is said. */
  private static final Set<Integer> SERVER_FIRST = Set.of(25, 53, 3306, 27017);

  private static final Map<String, PortProtocol> NAMES =
      Map.ofEntries(
          Map.entry("http", HTTP),
          Map.entry("kubernetes.io/ws", HTTP),
          Map.entry("http2", HTTP2),
          Map.entry("kubernetes.io/h2c", HTTP2),
          Map.entry("grpc", GRPC),
          Map.entry("grpc-web", GRPC_WEB),
          Map.entry("https", HTTPS),
          Map.entry("kubernetes.io/wss", HTTPS),
          Map.entry("tls", TLS),
          Map.entry("tcp", TCP),
          Map.entry("mongo", TCP),
          Map.entry("mysql", TCP),
          Map.entry("redis", TCP),
          Map.entry("udp", UDP));

  /** The protocol with this name, in any case; {@link #UNSPECIFIED} for names that mean none. */
  public static PortProtocol named(String name) {
    return NAMES.getOrDefault(name.toLowerCase(Locale.ROOT), UNSPECIFIED);
  }

  /**
   * The protocol of a Kubernetes service's port: UDP by transport; else by {@code appProtocol} when
   * there is one, else by the port's name, whole or up to its first hyphen ({@code http-admin}).
   * Ports on which servers speak first are TCP unless that says something else.
   */
  static PortProtocol ofServicePort(int number, String name, String transport, String appProtocol) {
    if (transport.equalsIgnoreCase("UDP")) {
      return UDP;
    }
    PortProtocol said = said((appProtocol.isEmpty() ? name : appProtocol).toLowerCase(Locale.ROOT));
    return said == UNSPECIFIED && SERVER_FIRST.contains(number) ? TCP : said;
  }

  private static PortProtocol said(String lower) {
    if (lower.startsWith("grpc-web")) {
      return GRPC_WEB;
    }
    int hyphen = lower.indexOf('-');
    return named(hyphen < 0 ? lower : lower.substring(0, hyphen));
  }

  /** Whether requests are visible to a proxy on such a port: HTTP without TLS of its own. */
  public boolean isHttp() {
    return this == HTTP || this == HTTP2 || this == GRPC || this == GRPC_WEB;
  }
}
