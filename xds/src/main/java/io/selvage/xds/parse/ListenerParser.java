package io.selvage.xds.parse;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.selvage.policy.Authorization;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Listeners and their filter chains. */
final class ListenerParser {
  private static final Map<String, Message> LISTENER_FILTERS =
      Stream.<Message>of(
              OriginalDst.getDefaultInstance(),
              TlsInspector.getDefaultInstance(),
              HttpInspector.getDefaultInstance())
          .collect(
              Collectors.toUnmodifiableMap(
                  like -> like.getDescriptorForType().getFullName(), like -> like));
  private static final String TLS_INSPECTOR = TlsInspector.getDescriptor().getFullName();
  private static final String RBAC_FILTER = RBAC.getDescriptor().getFullName();
  private static final String EXT_AUTHZ = ExtAuthz.getDescriptor().getFullName();
  private static final String TCP = TcpProxy.getDescriptor().getFullName();
  private static final String HTTP = HttpConnectionManager.getDescriptor().getFullName();
  private static final Listener.Ports EVERY_PORT = new Listener.Ports(0, 65535);
  private static final Duration TCP_IDLE = Duration.ofHours(1);
  private static final NetworkStack STAND_IN =
      new NetworkStack.Tcp("", Authorization.NONE, List.of(), "", Duration.ZERO, Optional.empty());

  private ListenerParser() {}

  /**
   * The HTTP inspector is what a filter chain's match needs anyway; a listener runs it as it sees
   * fit. Where the TLS inspector is disabled, TLS is taken for plaintext.
   */
  private static boolean isOriginalDst(ListenerFilter from, List<Listener.Ports> notForTls, At at) {
    Message like = LISTENER_FILTERS.get(Values.typeName(from.getTypedConfig()));
    if (like == null) {
      at.refuse("is not understood: " + At.quote(Values.typeName(from.getTypedConfig())));
      return false;
    }
    at.field("typed_config").unpack(from.getTypedConfig(), like);
    if (from.hasFilterDisabled()) {
      At place = at.field("filter_disabled");
      FieldCheck.check(from.getFilterDisabled(), place);
      List<Listener.Ports> ports = ports(from.getFilterDisabled(), place);
      if (like instanceof TlsInspector) {
        notForTls.addAll(ports);
      } else if (like instanceof OriginalDst) {
        place.refuse("would forget where connections wanted to go");
      }
    }
    return like instanceof OriginalDst;
  }

  /** By an inspector, or by the one that Envoy adds where a chain cannot do without. */
  private static boolean looksForTls(io.envoyproxy.envoy.config.listener.v3.Listener from) {
    return from.getListenerFiltersList().stream()
            .anyMatch(filter -> Values.typeName(filter.getTypedConfig()).equals(TLS_INSPECTOR))
        || from.getFilterChainsList().stream()
            .map(chain -> chain.getFilterChainMatch())
            .anyMatch(
                match ->
                    match.getTransportProtocol().equals("tls")
                        || (match.getTransportProtocol().isEmpty()
                            && match.getServerNamesCount() + match.getApplicationProtocolsCount()
                                > 0));
  }

  /** But for a port whose chains take TLS and plaintext alike. */
  private static List<Listener.Ports> bearing(
      List<Listener.Ports> notForTls, List<FilterChain> chains) {
    return notForTls.stream()
        .filter(
            ports ->
                (ports.first() == ports.last() ? at(ports.first(), chains) : chains)
                    .stream().anyMatch(chain -> chain.match().looksAtBytes()))
        .toList();
  }

  private static List<FilterChain> at(int port, List<FilterChain> chains) {
    var own = chains.stream().filter(c -> c.match().destinationPort().orElse(-1) == port).toList();
    return own.isEmpty()
        ? chains.stream().filter(c -> c.match().destinationPort().isEmpty()).toList()
        : own;
  }

  private static List<Listener.Ports> ports(ListenerFilterChainMatchPredicate from, At at) {
    return switch (from.getRuleCase()) {
      case ANY_MATCH -> from.getAnyMatch() ? List.of(EVERY_PORT) : List.of();
      case DESTINATION_PORT_RANGE -> {
        int first = from.getDestinationPortRange().getStart();
        int last = from.getDestinationPortRange().getEnd() - 1;
        if (first < 0 || last > 65535 || first > last) {
          at.field("destination_port_range").refuse("is no range of ports");
        }
        yield List.of(new Listener.Ports(first, last));
      }
      case OR_MATCH -> {
        List<Listener.Ports> all = new ArrayList<>();
        for (int i = 0; i < from.getOrMatch().getRulesCount(); i++) {
          all.addAll(ports(from.getOrMatch().getRules(i), at.field("or_match").item("rules", i)));
        }
        yield all;
      }
      case AND_MATCH, NOT_MATCH, RULE_NOT_SET -> {
        at.refuse(from.getRuleCase() + " is not understood; port ranges and or_match are");
        yield List.of();
      }
    };
  }

  static Listener parse(io.envoyproxy.envoy.config.listener.v3.Listener from, At at) {
    var socket = from.getAddress().getSocketAddress();
    At address = at.field("address").field("socket_address");
    boolean originalDst = false;
    List<Listener.Ports> notForTls = new ArrayList<>();
    for (int i = 0; i < from.getListenerFiltersCount(); i++) {
      originalDst |=
          isOriginalDst(from.getListenerFilters(i), notForTls, at.item("listener_filters", i));
    }
    if (!looksForTls(from)) {
      notForTls.add(EVERY_PORT);
    }
    List<FilterChain> chains = new ArrayList<>();
    for (int i = 0; i < from.getFilterChainsCount(); i++) {
      chains.add(chain(from.getFilterChains(i), at.item("filter_chains", i)));
    }
    if (chains.isEmpty() && !from.hasDefaultFilterChain()) {
      at.refuse("has no filter chain");
    }
    return new Listener(
        from.getName(),
        direction(from, at),
        Values.filled(socket.getAddress(), address.field("address")),
        Values.port(socket, address),
        binds(from),
        from.getUseOriginalDst().getValue(),
        originalDst,
        List.copyOf(chains),
        from.hasDefaultFilterChain()
            ? Optional.of(chain(from.getDefaultFilterChain(), at.field("default_filter_chain")))
            : Optional.empty(),
        bearing(notForTls, chains),
        AccessLogParser.parse(from.getAccessLogList(), at));
  }

  // Istio wrote deprecated_v1.bind_to_port until it could not.
  @SuppressWarnings("deprecation")
  private static boolean binds(io.envoyproxy.envoy.config.listener.v3.Listener from) {
    boolean old =
        !from.getDeprecatedV1().hasBindToPort()
            || from.getDeprecatedV1().getBindToPort().getValue();
    return from.hasBindToPort() ? from.getBindToPort().getValue() : old;
  }

  private static Listener.Direction direction(
      io.envoyproxy.envoy.config.listener.v3.Listener from, At at) {
    return switch (from.getTrafficDirection()) {
      case INBOUND -> Listener.Direction.INBOUND;
      case OUTBOUND -> Listener.Direction.OUTBOUND;
      case UNSPECIFIED -> Listener.Direction.UNSPECIFIED;
      case UNRECOGNIZED -> {
        at.field("traffic_direction").refuse("is unknown: " + from.getTrafficDirectionValue());
        yield Listener.Direction.UNSPECIFIED;
      }
    };
  }

  private static FilterChain chain(io.envoyproxy.envoy.config.listener.v3.FilterChain from, At at) {
    return new FilterChain(
        from.getName(),
        match(from.getFilterChainMatch(), at.field("filter_chain_match")),
        from.hasTransportSocket()
            ? TlsParser.downstream(from.getTransportSocket(), at.field("transport_socket"))
            : Optional.empty(),
        stack(from, at));
  }

  private static FilterChain.Match match(FilterChainMatch from, At at) {
    OptionalInt port = OptionalInt.empty();
    if (from.hasDestinationPort()) {
      int value = from.getDestinationPort().getValue();
      port = OptionalInt.of(value);
      if (value < 0 || value > 65535) {
        at.field("destination_port").refuse("is no port");
      }
    }
    return new FilterChain.Match(
        port,
        Values.cidrs(from.getPrefixRangesList(), "prefix_ranges", at),
        List.copyOf(from.getServerNamesList()),
        switch (from.getTransportProtocol()) {
          case "" -> FilterChain.Transport.ANY;
          case "tls" -> FilterChain.Transport.TLS;
          case "raw_buffer" -> FilterChain.Transport.RAW;
          default -> {
            at.field("transport_protocol")
                .refuse("is not understood: " + At.quote(from.getTransportProtocol()));
            yield FilterChain.Transport.ANY;
          }
        },
        List.copyOf(from.getApplicationProtocolsList()),
        Values.cidrs(from.getSourcePrefixRangesList(), "source_prefix_ranges", at));
  }

  private static NetworkStack stack(
      io.envoyproxy.envoy.config.listener.v3.FilterChain from, At at) {
    StageCollector stages = new StageCollector(EnvoyNames.NETWORK_RBAC);
    List<String> discovered = new ArrayList<>();
    int last = from.getFiltersCount() - 1;
    for (int i = 0; i < last; i++) {
      before(from.getFilters(i), stages, discovered, at.item("filters", i));
    }
    if (last < 0) {
      at.field("filters").refuse("is empty");
      return STAND_IN;
    }
    var terminal = from.getFilters(last);
    At place = at.item("filters", last).field("typed_config");
    Authorization authorization = stages.finish();
    String type = Values.typeName(terminal.getTypedConfig());
    if (type.equals(TCP)) {
      TcpProxy proxy = place.unpack(terminal.getTypedConfig(), TcpProxy.getDefaultInstance());
      return new NetworkStack.Tcp(
          proxy.getStatPrefix(),
          authorization,
          stages.providers(),
          List.copyOf(discovered),
          Values.filled(proxy.getCluster(), place.field("cluster")),
          Values.duration(
              proxy.hasIdleTimeout(),
              proxy.getIdleTimeout(),
              TCP_IDLE,
              place.field("idle_timeout")),
          AccessLogParser.parse(proxy.getAccessLogList(), place));
    }
    if (!type.equals(HTTP)) {
      place.refuse("is no filter that a chain can end with: " + At.quote(type));
      return STAND_IN;
    }
    if (!authorization.stages().isEmpty() || !discovered.isEmpty()) {
      at.field("filters")
          .refuse("has network authorization before HTTP, which is not understood; use HTTP's");
    }
    return HttpConnectionManagerParser.parse(
        place.unpack(terminal.getTypedConfig(), HttpConnectionManager.getDefaultInstance()), place);
  }

  private static void before(
      io.envoyproxy.envoy.config.listener.v3.Filter from,
      StageCollector stages,
      List<String> discovered,
      At filter) {
    if (from.hasConfigDiscovery()) {
      discovered.add(
          ExtensionParser.name(
              from.getName(), from.getConfigDiscovery(), RBAC.getDescriptor(), filter));
      return;
    }
    String type = Values.typeName(from.getTypedConfig());
    At at = filter.field("typed_config");
    if (!discovered.isEmpty() && (type.equals(RBAC_FILTER) || type.equals(EXT_AUTHZ))) {
      at.refuse("follows a filter that is discovered, which is not understood");
    } else if (type.equals(RBAC_FILTER)) {
      stages.rbac(at.unpack(from.getTypedConfig(), RBAC.getDefaultInstance()), at);
    } else if (type.equals(EXT_AUTHZ)) {
      AuthorizerParser.network(
          at.unpack(from.getTypedConfig(), ExtAuthz.getDefaultInstance()), stages, at);
    } else if (!Understood.isPassedOver(type)) {
      at.refuse("is a network filter that is not understood: " + At.quote(type));
    }
  }
}
