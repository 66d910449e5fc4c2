package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.PortProtocol;
import io.selvage.policy.Authorization;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.FilterChain.Match;
import io.selvage.xds.resource.FilterChain.Transport;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.NetworkStack.RouteSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The outbound side of a proxy: {@code virtualOutbound} takes every captured connection and hands
 * it to the listener of its address, else to the listener of its port, else treats it as a call out
 * of the registry.
 */
final class OutboundListeners {
  static final Duration TCP_IDLE = Duration.ofHours(1);

  private final OutboundInput input;
  private final Optional<AccessLog> accessLog;

  /** Listeners by name; the first service that takes an address and port keeps it. */
  private final Map<String, Listener> listeners = new TreeMap<>();

  private final Map<Integer, List<FilterChain>> byServerName = new TreeMap<>();
  private final Map<Integer, Boolean> httpPorts = new TreeMap<>();

  private OutboundListeners(OutboundInput input) {
    this.input = input;
    this.accessLog = HttpStacks.accessLog(input.mesh());
  }

  static List<Listener> of(OutboundInput input) {
    return new OutboundListeners(input).all();
  }

  /** The listener at which programs use the proxy as an HTTP proxy. */
  static Listener httpProxy(MeshConfig mesh, String address, int port) {
    FilterChain chain =
        new FilterChain(
            Names.HTTP_PROXY,
            Match.ALL,
            Optional.empty(),
            HttpStacks.outbound(mesh, Names.HTTP_PROXY, new RouteSource.Named(Names.HTTP_PROXY)));
    return new Listener(
        address + "_" + port,
        Listener.Direction.OUTBOUND,
        address,
        port,
        true,
        false,
        false,
        List.of(chain),
        Optional.empty(),
        HttpStacks.accessLog(mesh));
  }

  private List<Listener> all() {
    for (Destination destination : input.captured()) {
      for (ServicePort port : destination.service().ports()) {
        add(destination, port);
      }
    }
    List<Listener> all = new ArrayList<>();
    all.add(virtualOutbound());
    TreeMap<Integer, Boolean> wildcardPorts = new TreeMap<>(httpPorts);
    byServerName.keySet().forEach(port -> wildcardPorts.putIfAbsent(port, false));
    wildcardPorts.forEach((port, http) -> all.add(anyAddress(port, http)));
    all.addAll(listeners.values());
    return all;
  }

  private void add(Destination destination, ServicePort port) {
    MeshService service = destination.service();
    if (port.protocol().isHttp()) {
      httpPorts.put(port.number(), true);
      return;
    }
    boolean tls = port.protocol() == PortProtocol.TLS || port.protocol() == PortProtocol.HTTPS;
    if (tls && service.origin() == MeshService.Origin.SERVICE_ENTRY) {
      byServerName
          .computeIfAbsent(port.number(), n -> new ArrayList<>())
          .add(byServerName(service, port));
    }
    List<String> addresses =
        service.isHeadless()
            ? destination.identities(port.number()).addresses()
            : service.addresses();
    for (String address : addresses) {
      if (address.indexOf('/') < 0) {
        String name = address + "_" + port.number();
        listeners.putIfAbsent(name, fed(name, address, port.number(), ofAddress(service, port)));
      }
    }
  }

  private FilterChain byServerName(MeshService service, ServicePort port) {
    return new FilterChain(
        service.host(),
        new Match(
            OptionalInt.empty(),
            List.of(),
            List.of(service.host()),
            Transport.TLS,
            List.of(),
            List.of()),
        Optional.empty(),
        tcp(Names.outbound(port.number(), "", service.host())));
  }

  /** The chains of one service's address and port that carries no declared HTTP. */
  private List<FilterChain> ofAddress(MeshService service, ServicePort port) {
    String cluster = Names.outbound(port.number(), "", service.host());
    if (port.protocol() != PortProtocol.UNSPECIFIED) {
      return List.of(new FilterChain(cluster, Match.ALL, Optional.empty(), tcp(cluster)));
    }
    String routes = Names.sniffed(service.host(), port.number());
    return List.of(
        new FilterChain(
            cluster + "-http",
            transport(Transport.RAW, InboundListeners.PLAIN_HTTP),
            Optional.empty(),
            HttpStacks.outbound(input.mesh(), "outbound_" + routes, new RouteSource.Named(routes))),
        new FilterChain(
            cluster, transport(Transport.RAW, List.of()), Optional.empty(), tcp(cluster)),
        new FilterChain(
            cluster + "-tls", transport(Transport.TLS, List.of()), Optional.empty(), tcp(cluster)));
  }

  /** Every address on a port: HTTP by its Host, TLS by its server name, the rest out. */
  private Listener anyAddress(int port, boolean http) {
    List<FilterChain> chains = new ArrayList<>();
    if (http) {
      chains.add(
          new FilterChain(
              input.family().wildcard() + "_" + port,
              transport(Transport.RAW, List.of()),
              Optional.empty(),
              HttpStacks.outbound(
                  input.mesh(),
                  "outbound_" + input.family().wildcard() + "_" + port,
                  new RouteSource.Named(String.valueOf(port)))));
    }
    chains.addAll(byServerName.getOrDefault(port, List.of()));
    return new Listener(
        input.family().wildcard() + "_" + port,
        Listener.Direction.OUTBOUND,
        input.family().wildcard(),
        port,
        false,
        false,
        false,
        chains,
        Optional.of(everythingElse("PassthroughFilterChain")),
        accessLog);
  }

  private Listener virtualOutbound() {
    FilterChain loopBreaker =
        new FilterChain(
            "virtualOutbound-blackhole",
            new Match(
                OptionalInt.of(Names.OUTBOUND_PORT),
                List.of(),
                List.of(),
                Transport.ANY,
                List.of(),
                List.of()),
            Optional.empty(),
            tcp(Names.BLACK_HOLE_CLUSTER));
    return new Listener(
        Names.VIRTUAL_OUTBOUND,
        Listener.Direction.OUTBOUND,
        input.family().wildcard(),
        Names.OUTBOUND_PORT,
        true,
        true,
        false,
        List.of(loopBreaker),
        Optional.of(everythingElse("virtualOutbound-catchall-tcp")),
        accessLog);
  }

  private FilterChain everythingElse(String name) {
    boolean block = input.others() == OutboundTrafficPolicy.REGISTRY_ONLY;
    return new FilterChain(
        name,
        Match.ALL,
        Optional.empty(),
        tcp(block ? Names.BLACK_HOLE_CLUSTER : Names.PASSTHROUGH_CLUSTER));
  }

  private Listener fed(String name, String address, int port, List<FilterChain> chains) {
    return new Listener(
        name,
        Listener.Direction.OUTBOUND,
        address,
        port,
        false,
        false,
        false,
        chains,
        Optional.empty(),
        accessLog);
  }

  private NetworkStack.Tcp tcp(String cluster) {
    return new NetworkStack.Tcp(
        cluster, Authorization.NONE, List.of(), cluster, TCP_IDLE, accessLog);
  }

  private static Match transport(Transport transport, List<String> protocols) {
    return new Match(OptionalInt.empty(), List.of(), List.of(), transport, protocols, List.of());
  }
}
