package io.selvage.doctor.evidence;

import java.util.List;

/**
 * A TLS handshake that was made, without a client certificate unless said.
 *
 * @param target what was called
 * @param serverName SNI
 * @param offered ALPN that was offered
 * @param outcome what came of it
 */
public record Handshake(
    Target target, String serverName, List<String> offered, Look<Served> outcome) {
  /** What a handshake is for. */
  public enum Purpose {
    /** The control plane's webhooks, port 15017. */
    WEBHOOK,
    /** The control plane's CA and ADS, port 15012. */
    CONTROL_PLANE,
    WORKLOAD,
    GATEWAY
  }

  /**
   * Where it went.
   *
   * @param name of the Pod
   * @param port that was dialled there
   */
  public record Target(Purpose purpose, String namespace, String name, int port) {}

  /**
   * What was served.
   *
   * @param chain PEM, the leaf first, as sent
   * @param protocol such as {@code TLSv1.3}
   * @param alpn that was chosen; empty for none
   */
  public record Served(List<String> chain, String protocol, String cipher, String alpn) {}
}
