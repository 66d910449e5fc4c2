package io.selvage.xds.resource;

import io.selvage.policy.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What happens to the connections that it matches.
 *
 * @param name for logs and explanations
 * @param match which connections
 * @param tls TLS is terminated when present
 * @param stack what is done with the bytes
 */
public record FilterChain(
    String name, Match match, Optional<TlsSettings.Downstream> tls, NetworkStack stack) {
  /**
   * Criteria; an empty one matches everything. Evaluated in the order of the components, the most
   * specific wins at each step ({@code FilterChainMatch}).
   *
   * @param destinationPort the original destination's port
   * @param destinationPrefixes the original destination's address
   * @param serverNames SNI, exact or {@code *.suffix}
   * @param transport TLS or raw bytes, as the first bytes show; ANY takes both
   * @param applicationProtocols ALPN that the client offers: {@code istio}, {@code
   *     istio-peer-exchange}, …
   * @param sourcePrefixes the client's address
   */
  public record Match(
      OptionalInt destinationPort,
      List<Cidr> destinationPrefixes,
      List<String> serverNames,
      Transport transport,
      List<String> applicationProtocols,
      List<Cidr> sourcePrefixes) {
    /** Matches every connection. */
    public static final Match ALL =
        new Match(OptionalInt.empty(), List.of(), List.of(), Transport.ANY, List.of(), List.of());

    /** Whether the first bytes of a connection, TLS or not, bear on it. */
    public boolean looksAtBytes() {
      return transport != Transport.ANY
          || !serverNames.isEmpty()
          || !applicationProtocols.isEmpty();
    }
  }

  /** What the first bytes of a connection are. */
  public enum Transport {
    /** No matter. */
    ANY,
    /** A TLS hello ({@code tls}). */
    TLS,
    /** Anything else ({@code raw_buffer}). */
    RAW
  }
}
