package io.selvage.model;

import java.util.List;

/** The words for a protocol, in any case, that a port of {@code networking.istio.io} may have. */
final class PortProtocolName {
  /** Of a listener of a proxy. */
  static final List<String> OF_LISTENERS =
      List.of(
          "HTTP",
          "HTTPS",
          "HTTP2",
          "HTTP_PROXY",
          "GRPC",
          "GRPC-WEB",
          "TLS",
          "TCP",
          "UDP",
          "MONGO",
          "REDIS",
          "MYSQL");

  /** Of a service: no service is an HTTP proxy. */
  static final List<String> OF_SERVICES =
      OF_LISTENERS.stream().filter(word -> !word.equals("HTTP_PROXY")).toList();

  private PortProtocolName() {}

  /** Refuses a port's {@code protocol} that is none of the words; an empty one is not said. */
  static void check(Fields port, String protocol, List<String> words) {
    if (!protocol.isEmpty() && words.stream().noneMatch(protocol::equalsIgnoreCase)) {
      port.refuse(
          "protocol", "\"%s\" is not one of %s".formatted(protocol, String.join(", ", words)));
    }
  }
}
