package io.selvage.control.generate;

import io.selvage.control.generate.GatewayInput.Exposure;
import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.policy.Authorization;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Cluster.Discovery;
import io.selvage.xds.resource.Cluster.ServiceIdentity;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.FilterChain.Match;
import io.selvage.xds.resource.FilterChain.Transport;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A gateway that passes the mesh's mTLS on as it comes ({@code AUTO_PASSTHROUGH}): one filter chain
 * and one cluster for each port of each service, and for each subset, all called by the server name
 * that clients send, {@code outbound_.8000_._.httpbin.sample.svc.cluster.local}.
 *
 * <p>There is no default chain: what is no TLS, has no server name or one that names nothing here,
 * or offers none of the protocols by which proxies of the mesh know each other, is closed.
 */
final class Passthrough {
  /** ALPN of Istio's mTLS; every server behind takes it for mTLS and nothing else. */
  private static final List<String> MUTUAL_TLS_ALPN =
      List.of("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2");

  private final GatewayInput input;

  private Passthrough(GatewayInput input) {
    this.input = input;
  }

  static Outbound of(GatewayInput input) {
    Passthrough gateway = new Passthrough(input);
    List<Listener> listeners =
        input.exposures().stream()
            .filter(exposure -> !exposure.destinations().isEmpty())
            .map(gateway::listener)
            .toList();
    return new Outbound(listeners, List.of(), gateway.clusters());
  }

  private Listener listener(Exposure exposure) {
    Map<String, FilterChain> chains = new LinkedHashMap<>();
    for (Destination destination : exposure.destinations()) {
      for (ServicePort port : destination.service().ports()) {
        for (String name : serverNames(destination, port)) {
          chains.putIfAbsent(name.toLowerCase(Locale.ROOT), chain(name));
        }
      }
    }
    return new Listener(
        input.address() + "_" + exposure.port(),
        Listener.Direction.OUTBOUND,
        input.address(),
        exposure.port(),
        true,
        false,
        false,
        List.copyOf(chains.values()),
        Optional.empty(),
        HttpStacks.accessLog(input.mesh()));
  }

  private static List<String> serverNames(Destination destination, ServicePort port) {
    MeshService service = destination.service();
    List<String> names = new ArrayList<>();
    names.add(Names.serverName(port.number(), "", service));
    for (Subset subset : subsets(destination)) {
      names.add(Names.serverName(port.number(), subset.name(), service));
    }
    return names;
  }

  private static List<Subset> subsets(Destination destination) {
    return destination.rule().map(DestinationRule::subsets).orElse(List.of());
  }

  /** Proxies compare server names in lower case. */
  private FilterChain chain(String name) {
    return new FilterChain(
        name,
        new Match(
            OptionalInt.empty(),
            List.of(),
            List.of(name.toLowerCase(Locale.ROOT)),
            Transport.TLS,
            MUTUAL_TLS_ALPN,
            List.of()),
        Optional.empty(),
        new NetworkStack.Tcp(
            name,
            Authorization.NONE,
            List.of(),
            name,
            OutboundListeners.TCP_IDLE,
            HttpStacks.accessLog(input.mesh())));
  }

  private List<Cluster> clusters() {
    List<Cluster> all = new ArrayList<>();
    for (Destination destination : GatewayView.destinations(input)) {
      Optional<DestinationRule> rule = destination.rule();
      for (ServicePort port : destination.service().ports()) {
        all.add(
            cluster(destination, port, "", rule.flatMap(r -> r.trafficPolicyFor(port.number()))));
        for (Subset subset : subsets(destination)) {
          Optional<TrafficPolicy> policy =
              rule.flatMap(r -> r.trafficPolicyFor(subset, port.number()));
          all.add(cluster(destination, port, subset.name(), policy));
        }
      }
    }
    all.add(OutboundClusters.blackHole());
    return all;
  }

  private static Cluster cluster(
      Destination destination, ServicePort port, String subset, Optional<TrafficPolicy> policy) {
    MeshService service = destination.service();
    String name = Names.serverName(port.number(), subset, service);
    Discovery discovery =
        service.resolution() == Resolution.DNS
            ? new Discovery.StrictDns(Endpoints.of(name, byName(destination, port)))
            : new Discovery.Eds(name);
    return new Cluster(
        name,
        discovery,
        OutboundClusters.balancing(discovery, policy),
        OutboundClusters.connectTimeout(policy),
        OutboundClusters.protocol(port.protocol()),
        InboundClusters.PLAINTEXT,
        Optional.empty(),
        OutboundClusters.limits(policy.flatMap(TrafficPolicy::connectionPool)),
        Optional.of(new ServiceIdentity(service.host(), service.name(), service.namespace())));
  }

  private static List<ServiceEndpoint> byName(Destination destination, ServicePort port) {
    return destination.identities(port.number()).byName().stream()
        .filter(ServiceEndpoint::mutualTls)
        .toList();
  }
}
