package io.selvage.model;

import java.util.Locale;
import java.util.Map;

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
   * The protocol of a Kubernetes service's port: UDP by transport; else {@code appProtocol} when
   * there is one; else the port's name, whole or up to its first hyphen ({@code http-admin}).
   */
  static PortProtocol ofServicePort(String name, String transport, String appProtocol) {
    if (transport.equalsIgnoreCase("UDP")) {
      return UDP;
    }
    if (!appProtocol.isEmpty()) {
      return named(appProtocol);
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals("grpc-web") || lower.startsWith("grpc-web-")) {
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
