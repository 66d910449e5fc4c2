package io.selvage.control.generate;

import io.selvage.control.workload.InboundPort;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.PortProtocol;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.FilterChain.Match;
import io.selvage.xds.resource.FilterChain.Transport;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.NetworkStack.RouteSource;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.VirtualHost;
import io.selvage.xds.resource.TlsSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The inbound side of a proxy: one listener for captured connections, or one for each port without
 * capture.
 *
 * <p>Each port has the chains that its mode allows; connections to ports that nobody declared meet
 * the workload's mode and policies all the same. Where no chain matches, the connection is reset.
 */
final class InboundListeners {
  /** ALPN that clients of the mesh offer when they carry HTTP. */
  private static final List<String> MESH_HTTP =
      List.of("istio-http/1.0", "istio-http/1.1", "istio-h2");

  /** ALPN that clients of the mesh offer, whatever they carry. */
  private static final List<String> MESH_ANY =
      List.of("istio-peer-exchange", "istio", "istio-http/1.0", "istio-http/1.1", "istio-h2");

  /**
   * The same, and what a gRPC client offers that speaks xDS itself and cannot choose its ALPN. Such
   * a port is HTTP, so TLS on it can't be the program's own.
   */
  private static final List<String> MESH_HTTP_PORT =
      Stream.concat(MESH_ANY.stream(), Stream.of("h2")).toList();

  /** What the first bytes of plaintext show, in the words that Envoy's inspector uses. */
  static final List<String> PLAIN_HTTP = List.of("http/1.0", "http/1.1", "h2c");

  private final InboundInput input;
  private final String mark;

  /** The same on all ports. */
  private final List<HttpFilter> filters;

  private InboundListeners(InboundInput input, String mark) {
    this.input = input;
    this.mark = mark;
    this.filters = filters(input, mark);
  }

  /** CUSTOM, tokens, all other policy, as istiod has them: an authorizer sees the token. */
  private static List<HttpFilter> filters(InboundInput input, String mark) {
    List<Stage> stages = input.policies().http().stages();
    int custom = 0;
    for (int i = 0; i < stages.size(); i++) {
      custom = stages.get(i) instanceof Stage.Custom ? i + 1 : custom;
    }
    int before = input.jwt().isPresent() ? custom : stages.size();
    List<HttpFilter> filters = new ArrayList<>();
    authorize(stages.subList(0, before), input.policies().providers(), filters);
    input.jwt().ifPresent(filters::add);
    authorize(stages.subList(before, stages.size()), List.of(), filters);
    if (input.policies().named()) {
      DiscoveredPolicies.names(Layer.HTTP, mark)
          .forEach(name -> filters.add(new HttpFilter.Discovered(name)));
    }
    return List.copyOf(filters);
  }

  private static void authorize(
      List<Stage> stages, List<ExternalAuthorizer> providers, List<HttpFilter> filters) {
    if (!stages.isEmpty()) {
      filters.add(new HttpFilter.Authorize(new Authorization(List.copyOf(stages)), providers));
    }
  }

  /**
   * The listeners of the inbound side.
   *
   * @param mark of these listeners, where they name their policies
   */
  static List<Listener> of(InboundInput input, String mark) {
    InboundListeners inbound = new InboundListeners(input, mark);
    return input.bound().isPresent()
        ? inbound.boundListeners(input.bound().get().address())
        : List.of(inbound.virtualInbound());
  }

  private Listener virtualInbound() {
    List<FilterChain> chains = new ArrayList<>();
    chains.add(loopBreaker());
    for (InboundPort port : input.ports()) {
      chains.addAll(
          chains(OptionalInt.of(port.number()), port.protocol(), input.mode(port.number()), true));
    }
    TreeSet<Integer> undeclared = new TreeSet<>(input.modes().keySet());
    input.ports().forEach(port -> undeclared.remove(port.number()));
    for (int port : undeclared) {
      chains.addAll(
          chains(OptionalInt.of(port), PortProtocol.UNSPECIFIED, input.mode(port), false));
    }
    chains.addAll(chains(OptionalInt.empty(), PortProtocol.UNSPECIFIED, input.otherMode(), false));
    return new Listener(
        Names.VIRTUAL_INBOUND,
        Listener.Direction.INBOUND,
        input.family().wildcard(),
        Names.INBOUND_PORT,
        true,
        false,
        true,
        chains,
        Optional.empty(),
        HttpStacks.accessLog(input.mesh()));
  }

  private List<Listener> boundListeners(String address) {
    List<Listener> listeners = new ArrayList<>();
    for (InboundPort port : input.ports()) {
      listeners.add(
          new Listener(
              address + "_" + port.number(),
              Listener.Direction.INBOUND,
              address,
              port.number(),
              true,
              false,
              false,
              chains(
                  OptionalInt.empty(), port.number(), port.protocol(), input.mode(port.number())),
              Optional.empty(),
              HttpStacks.accessLog(input.mesh())));
    }
    return listeners;
  }

  /** A connection to the proxy's own port would come back to it for ever. */
  private FilterChain loopBreaker() {
    return new FilterChain(
        "virtualInbound-blackhole",
        match(OptionalInt.of(Names.INBOUND_PORT), Transport.ANY, List.of()),
        Optional.empty(),
        new NetworkStack.Tcp(
            Names.BLACK_HOLE_CLUSTER,
            Authorization.NONE,
            List.of(),
            Names.BLACK_HOLE_CLUSTER,
            Duration.ZERO,
            Optional.empty()));
  }

  private List<FilterChain> chains(
      OptionalInt matched, PortProtocol protocol, Mode mode, boolean declared) {
    return new PortChains(matched, declared ? matched : OptionalInt.empty(), protocol).of(mode);
  }

  private List<FilterChain> chains(
      OptionalInt matched, int port, PortProtocol protocol, Mode mode) {
    return new PortChains(matched, OptionalInt.of(port), protocol).of(mode);
  }

  private static Match match(OptionalInt port, Transport transport, List<String> protocols) {
    return new Match(port, List.of(), List.of(), transport, protocols, List.of());
  }

  /** The chains of one port, or of all ports that no one declared. */
  private final class PortChains {
    private final OptionalInt matched;
    private final OptionalInt declared;
    private final PortProtocol protocol;
    private final String name;
    private final List<FilterChain> chains = new ArrayList<>();
    private NetworkStack.@Nullable Http http;
    private NetworkStack.@Nullable Tcp tcp;

    /**
     * @param matched the port that the chains are for; empty: all that no other chain is for
     * @param declared the port when a service declares it: it has a cluster of its own
     */
    PortChains(OptionalInt matched, OptionalInt declared, PortProtocol protocol) {
      this.matched = matched;
      this.declared = declared;
      this.protocol = protocol;
      this.name = number(declared.isPresent() ? declared : matched);
    }

    private String number(OptionalInt port) {
      return port.isPresent()
          ? input.family().wildcard() + "_" + port.getAsInt()
          : Names.VIRTUAL_INBOUND + "-catchall";
    }

    List<FilterChain> of(Mode mode) {
      switch (mode) {
        case STRICT -> strict();
        case PERMISSIVE, UNSET -> permissive();
        case DISABLE -> plaintext();
      }
      return chains;
    }

    private void strict() {
      switch (kind()) {
        case HTTP -> http("mtls", Transport.TLS, List.of(), true);
        case TCP -> tcp("mtls", Transport.TLS, List.of(), true);
        case EITHER -> {
          http("mtls-http", Transport.TLS, MESH_HTTP, true);
          tcp("mtls", Transport.TLS, List.of(), true);
        }
      }
    }

    private void permissive() {
      switch (kind()) {
        case HTTP -> http("mtls", Transport.TLS, MESH_HTTP_PORT, true);
        case TCP -> tcp("mtls", Transport.TLS, MESH_ANY, true);
        case EITHER -> {
          http("mtls-http", Transport.TLS, MESH_HTTP, true);
          tcp("mtls", Transport.TLS, MESH_ANY.subList(0, 2), true);
        }
      }
      if (kind() == Kind.HTTP) {
        http("plaintext", Transport.RAW, List.of(), false);
      } else {
        plaintext();
      }
    }

    /**
     * No TLS of the mesh's; TLS is bytes then, since the program may speak it itself. Matching
     * never goes back from a transport to "any", so both transports are named.
     */
    private void plaintext() {
      switch (kind()) {
        case HTTP -> http("plaintext", Transport.ANY, List.of(), false);
        case EITHER -> {
          http("plaintext-http", Transport.RAW, PLAIN_HTTP, false);
          bytes();
        }
        case TCP -> bytes();
      }
    }

    private void bytes() {
      tcp("plaintext", Transport.RAW, List.of(), false);
      tcp("foreign-tls", Transport.TLS, List.of(), false);
    }

    private Kind kind() {
      return switch (protocol) {
        case HTTP, HTTP2, GRPC, GRPC_WEB -> Kind.HTTP;
        case HTTPS, TLS, TCP, UDP -> Kind.TCP;
        case UNSPECIFIED -> Kind.EITHER;
      };
    }

    private void http(String suffix, Transport transport, List<String> alpn, boolean mtls) {
      add(
          suffix,
          match(matched, transport, alpn),
          mtls ? Optional.of(Tls.inbound(input.mesh(), true)) : Optional.empty(),
          http());
    }

    /** One object for all chains of the port, so that it is encoded once. */
    private NetworkStack.Http http() {
      if (http == null) {
        http = HttpStacks.inbound(input.mesh(), "inbound_" + name, filters, routes());
      }
      return http;
    }

    /** As {@link #http()}. */
    private NetworkStack.Tcp tcp() {
      if (tcp == null) {
        tcp =
            new NetworkStack.Tcp(
                cluster(),
                input.policies().tcp(),
                input.policies().providers(),
                input.policies().named()
                    ? DiscoveredPolicies.names(Layer.NETWORK, mark)
                    : List.of(),
                cluster(),
                Duration.ofHours(1),
                HttpStacks.accessLog(input.mesh()));
      }
      return tcp;
    }

    private void tcp(String suffix, Transport transport, List<String> alpn, boolean mtls) {
      add(
          suffix,
          match(matched, transport, alpn),
          mtls ? Optional.of(Tls.inbound(input.mesh(), false)) : Optional.empty(),
          tcp());
    }

    private void add(
        String suffix, Match match, Optional<TlsSettings.Downstream> tls, NetworkStack stack) {
      chains.add(new FilterChain(name + "-" + suffix, match, tls, stack));
    }

    private String cluster() {
      return declared.isPresent()
          ? Names.inbound(declared.getAsInt())
          : Names.INBOUND_PASSTHROUGH_CLUSTER;
    }

    private RouteSource routes() {
      String host = "inbound|http|" + (declared.isPresent() ? declared.getAsInt() : 0);
      return new RouteSource.Inline(
          new RouteConfiguration(
              cluster(),
              List.of(
                  new VirtualHost(
                      host, List.of("*"), List.of(Routes.toCluster(cluster(), Optional.empty())))),
              false));
    }
  }

  /** What a port carries. */
  private enum Kind {
    HTTP,
    TCP,
    EITHER
  }
}
