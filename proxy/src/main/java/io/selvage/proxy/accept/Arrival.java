package io.selvage.proxy.accept;

import io.selvage.xds.resource.FilterChain;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a connection before anything is answered.
 *
 * @param source the other end
 * @param destination what the client dialled
 * @param transport TLS or not
 * @param serverName SNI in lower case
 * @param alpn what the client offers; of plaintext, what it was found to speak
 */
public record Arrival(
    InetSocketAddress source,
    InetSocketAddress destination,
    FilterChain.Transport transport,
    Optional<String> serverName,
    List<String> alpn) {

  /**
   * Of a connection whose first bytes don't matter, or are no TLS.
   *
   * @param spoken empty when it doesn't matter, or is nothing that has a name
   */
  public static Arrival plaintext(
      InetSocketAddress source, InetSocketAddress destination, List<String> spoken) {
    return new Arrival(source, destination, FilterChain.Transport.RAW, Optional.empty(), spoken);
  }

  /** Of a connection that begins with this hello. */
  public static Arrival tls(
      InetSocketAddress source, InetSocketAddress destination, ClientHello hello) {
    return new Arrival(
        source, destination, FilterChain.Transport.TLS, hello.serverName(), hello.alpn());
  }
}
