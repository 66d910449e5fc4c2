package io.selvage.xds.encode;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.selvage.policy.Authorization;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Listeners and their filter chains; inspectors are added where a chain's match needs them. */
final class ListenerEncoder {
  /** What {@code http_inspector} finds in the first bytes of plaintext. */
  private static final Set<String> PLAINTEXT_PROTOCOLS = Set.of("http/1.0", "http/1.1", "h2c");

  private final EncodedParts parts;
  private final HttpConnectionManagerEncoder http;

  /** Chains of one port differ in what they match; what is behind them is one object, said once. */
  private final IdentityHashMap<NetworkStack, List<Filter>> stacks = new IdentityHashMap<>();

  private final IdentityHashMap<Authorization, List<Filter>> authorizations =
      new IdentityHashMap<>();

  /** For one listener. */
  ListenerEncoder(EncodedParts parts) {
    this.parts = parts;
    this.http = new HttpConnectionManagerEncoder(parts);
  }

  io.envoyproxy.envoy.config.listener.v3.Listener encode(Listener from) {
    var to =
        io.envoyproxy.envoy.config.listener.v3.Listener.newBuilder()
            .setName(from.name())
            .setTrafficDirection(direction(from.direction()))
            .setAddress(Values.address(from.address(), from.port()))
            .setBindToPort(Values.bool(from.bindToPort()))
            .setUseOriginalDst(Values.bool(from.useOriginalDestination()));
    if (from.originalDestinationFilter()) {
      to.addListenerFilters(filter(EnvoyNames.ORIGINAL_DST, OriginalDst.getDefaultInstance()));
    }
    if (from.filterChains().stream().anyMatch(ListenerEncoder::looksAtTls)) {
      to.addListenerFilters(
          inspector(
              EnvoyNames.TLS_INSPECTOR,
              TlsInspector.getDefaultInstance(),
              from,
              from.notForTls(),
              ListenerEncoder::looksAtTls));
    }
    if (from.filterChains().stream().anyMatch(ListenerEncoder::looksAtHttp)) {
      to.addListenerFilters(
          inspector(
              EnvoyNames.HTTP_INSPECTOR,
              HttpInspector.getDefaultInstance(),
              from,
              List.of(),
              ListenerEncoder::looksAtHttp));
    }
    from.filterChains().forEach(chain -> to.addFilterChains(chain(chain)));
    from.defaultFilterChain().ifPresent(chain -> to.setDefaultFilterChain(chain(chain)));
    from.accessLog().ifPresent(log -> to.addAccessLog(parts.accessLog(log)));
    return to.build();
  }

  private static boolean looksAtTls(FilterChain chain) {
    FilterChain.Match match = chain.match();
    return match.transport() != FilterChain.Transport.ANY
        || !match.serverNames().isEmpty()
        || !match.applicationProtocols().isEmpty();
  }

  private static boolean looksAtHttp(FilterChain chain) {
    FilterChain.Match match = chain.match();
    return match.transport() != FilterChain.Transport.TLS
        && match.applicationProtocols().stream().anyMatch(PLAINTEXT_PROTOCOLS::contains);
  }

  private static TrafficDirection direction(Listener.Direction direction) {
    return switch (direction) {
      case INBOUND -> TrafficDirection.INBOUND;
      case OUTBOUND -> TrafficDirection.OUTBOUND;
      case UNSPECIFIED -> TrafficDirection.UNSPECIFIED;
    };
  }

  /**
   * An inspector that leaves the ports alone whose chains don't need it: it waits for bytes of the
   * client, and at a port of a protocol in which the server speaks first there are none.
   */
  private static ListenerFilter inspector(
      String name,
      Message config,
      Listener from,
      List<Listener.Ports> configured,
      Predicate<FilterChain> needed) {
    List<ListenerFilterChainMatchPredicate> left = new ArrayList<>();
    configured.forEach(ports -> left.add(isAmong(ports)));
    Map<Integer, Boolean> ports = new TreeMap<>();
    for (FilterChain chain : from.filterChains()) {
      chain
          .match()
          .destinationPort()
          .ifPresent(port -> ports.merge(port, needed.test(chain), Boolean::logicalOr));
    }
    ports.forEach(
        (port, looked) -> {
          if (!looked) {
            left.add(isAmong(new Listener.Ports(port, port)));
          }
        });
    ListenerFilter.Builder filter = filter(name, config).toBuilder();
    if (left.size() == 1) {
      filter.setFilterDisabled(left.getFirst());
    } else if (!left.isEmpty()) {
      filter.setFilterDisabled(
          ListenerFilterChainMatchPredicate.newBuilder()
              .setOrMatch(
                  ListenerFilterChainMatchPredicate.MatchSet.newBuilder().addAllRules(left)));
    }
    return filter.build();
  }

  private static ListenerFilterChainMatchPredicate isAmong(Listener.Ports ports) {
    return ListenerFilterChainMatchPredicate.newBuilder()
        .setDestinationPortRange(
            Int32Range.newBuilder().setStart(ports.first()).setEnd(ports.last() + 1))
        .build();
  }

  private static ListenerFilter filter(String name, Message config) {
    return ListenerFilter.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }

  private io.envoyproxy.envoy.config.listener.v3.FilterChain chain(FilterChain from) {
    var to =
        io.envoyproxy.envoy.config.listener.v3.FilterChain.newBuilder()
            .setName(from.name())
            .setFilterChainMatch(match(from.match()));
    from.tls().ifPresent(tls -> to.setTransportSocket(parts.server(tls)));
    to.addAllFilters(stacks.computeIfAbsent(from.stack(), this::filters));
    return to.build();
  }

  private List<Filter> filters(NetworkStack from) {
    return switch (from) {
      case NetworkStack.Tcp tcp -> tcp(tcp);
      case NetworkStack.Http stack ->
          List.of(network(EnvoyNames.HTTP_CONNECTION_MANAGER, http.encode(stack)));
    };
  }

  private static FilterChainMatch match(FilterChain.Match from) {
    FilterChainMatch.Builder to =
        FilterChainMatch.newBuilder()
            .addAllServerNames(from.serverNames())
            .addAllApplicationProtocols(from.applicationProtocols())
            .setTransportProtocol(
                switch (from.transport()) {
                  case ANY -> "";
                  case TLS -> "tls";
                  case RAW -> "raw_buffer";
                });
    from.destinationPort().ifPresent(port -> to.setDestinationPort(Values.uint32(port)));
    from.destinationPrefixes().forEach(block -> to.addPrefixRanges(Values.cidr(block)));
    from.sourcePrefixes().forEach(block -> to.addSourcePrefixRanges(Values.cidr(block)));
    return to.build();
  }

  private List<Filter> tcp(NetworkStack.Tcp from) {
    List<Filter> filters =
        new ArrayList<>(
            from.authorization().asksOthers()
                ? network(from.authorization(), from.customProviders())
                : authorizations.computeIfAbsent(
                    from.authorization(), stages -> network(stages, List.of())));
    from.discovered()
        .forEach(
            name ->
                filters.add(
                    Filter.newBuilder()
                        .setName(name)
                        .setConfigDiscovery(Values.discovered(RBAC.getDescriptor()))
                        .build()));
    TcpProxy.Builder proxy =
        TcpProxy.newBuilder()
            .setStatPrefix(from.statPrefix())
            .setCluster(from.cluster())
            .setIdleTimeout(Values.duration(from.idleTimeout()));
    from.accessLog().ifPresent(log -> proxy.addAccessLog(parts.accessLog(log)));
    filters.add(network(EnvoyNames.TCP_PROXY, proxy.build()));
    return filters;
  }

  private List<Filter> network(Authorization stages, List<ExternalAuthorizer> providers) {
    return new AuthorizationEncoder(providers, parts)
        .network(stages).stream().map(filter -> network(filter.name(), filter.config())).toList();
  }

  private static Filter network(String name, Message config) {
    return Filter.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }
}
