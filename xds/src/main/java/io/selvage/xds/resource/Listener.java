package io.selvage.xds.resource;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place where connections arrive ({@code envoy.config.listener.v3.Listener}).
 *
 * <p>Istio's sidecar has {@code virtualInbound} (15006) and {@code virtualOutbound} (15001), both
 * of which look up the original destination of a captured connection, and listeners without a
 * socket ({@code bindToPort} false) to which {@code virtualOutbound} hands a connection by that
 * address: {@code 10.96.0.7_8000} before {@code 0.0.0.0_8000}.
 *
 * @param name unique
 * @param direction inbound connections are for the workload, outbound ones come from it
 * @param address literal IP
 * @param port 0..65535
 * @param bindToPort false: fed by the listener that uses the original destination
 * @param useOriginalDestination hands the connection to the listener that matches its original
 *     destination, else keeps it ({@code use_original_dst})
 * @param originalDestinationFilter restores the original destination for filter-chain matching
 * @param filterChains at most one match wins (gRFC A36's narrowing order)
 * @param defaultFilterChain taken when none matches; without it the connection is closed
 * @param notForTls ports at whose connections nobody looks for TLS: whatever comes is plaintext
 *     ({@code filter_disabled} of the TLS inspector)
 * @param accessLog where finished connections are written that no filter chain logs itself
 */
public record Listener(
    String name,
    Direction direction,
    String address,
    int port,
    boolean bindToPort,
    boolean useOriginalDestination,
    boolean originalDestinationFilter,
    List<FilterChain> filterChains,
    Optional<FilterChain> defaultFilterChain,
    List<Ports> notForTls,
    Optional<AccessLog> accessLog)
    implements XdsResource {
  /** A listener that looks for TLS in every connection. */
  public Listener(
      String name,
      Direction direction,
      String address,
      int port,
      boolean bindToPort,
      boolean useOriginalDestination,
      boolean originalDestinationFilter,
      List<FilterChain> filterChains,
      Optional<FilterChain> defaultFilterChain,
      Optional<AccessLog> accessLog) {
    this(
        name,
        direction,
        address,
        port,
        bindToPort,
        useOriginalDestination,
        originalDestinationFilter,
        filterChains,
        defaultFilterChain,
        List.of(),
        accessLog);
  }

  /** All chains, the one that is taken when none matches at the end. */
  public Stream<FilterChain> chains() {
    return Stream.concat(filterChains.stream(), defaultFilterChain.stream());
  }

  /** Whether it holds all of its filters. */
  public boolean isWhole() {
    return chains().allMatch(chain -> chain.stack().discovered().isEmpty());
  }

  /** The same with other chains. */
  public Listener withChains(List<FilterChain> chains, Optional<FilterChain> defaultChain) {
    return new Listener(
        name,
        direction,
        address,
        port,
        bindToPort,
        useOriginalDestination,
        originalDestinationFilter,
        chains,
        defaultChain,
        notForTls,
        accessLog);
  }

  /**
   * A range of destination ports.
   *
   * @param first 0..65535
   * @param last not below {@code first}
   */
  public record Ports(int first, int last) {
    /** Whether {@code port} is one of them. */
    public boolean contains(int port) {
      return first <= port && port <= last;
    }
  }

  /** {@code TrafficDirection}. */
  public enum Direction {
    /** To the workload. */
    INBOUND,
    /** From the workload. */
    OUTBOUND,
    /** Neither: a gateway. */
    UNSPECIFIED
  }
}
