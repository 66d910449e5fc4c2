package io.selvage.control.generate;

import io.selvage.control.generate.GatewayInput.Exposure;
import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.generate.OutboundView.EndpointsInput;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.Networks;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TlsMode;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.Gateway;
import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a gateway lets through, by the Gateways that select it: the services that its namespace may
 * see and that a server's hosts cover, as far as they are in its own network and take mTLS. Who may
 * call them is not decided here but by their own proxies, as nothing is decrypted.
 */
final class GatewayView {
  private final MeshState state;
  private final Client client;
  private final List<Destination> visible;
  private final Networks networks;

  /**
   * A view.
   *
   * @param client the gateway as a caller
   * @param visible what its namespace may see
   */
  GatewayView(MeshState state, Client client, OutboundInput visible) {
    this.state = state;
    this.client = client;
    this.visible =
        visible.destinations().stream()
            .filter(one -> !one.service().meshExternal())
            .filter(one -> !one.service().nodeLocal())
            .filter(one -> !state.mesh().isClusterLocal(one.service().host()))
            .toList();
    this.networks = state.services().networks();
  }

  GatewayInput input(WorkloadInstance workload) {
    Map<Integer, TreeSet<Destination>> byPort = new TreeMap<>();
    for (Gateway gateway : state.snapshot().all(Gateway.class)) {
      if (gateway.selects(workload.labels())) {
        for (Gateway.Server server : gateway.servers()) {
          byPort
              .computeIfAbsent(
                  ownPort(server.port(), workload),
                  port -> new TreeSet<>(Comparator.comparing(d -> d.service().host())))
              .addAll(exposed(server));
        }
      }
    }
    List<Exposure> exposures = new ArrayList<>();
    byPort.forEach((port, some) -> exposures.add(new Exposure(port, List.copyOf(some))));
    String any = AddressFamily.of(workload.address()).wildcard();
    return new GatewayInput(any, List.copyOf(exposures), state.mesh());
  }

  private List<Destination> exposed(Gateway.Server server) {
    return visible.stream()
        .filter(one -> server.exposes(one.service().host(), one.service().namespace()))
        .toList();
  }

  /** A server's port is that of the gateway's Service; the proxy listens at what it leads to. */
  private int ownPort(int port, WorkloadInstance workload) {
    return state.snapshot().in(workload.namespace(), Service.class).stream()
        .filter(service -> service.selects(workload.labels()))
        .flatMap(service -> service.ports().stream())
        .filter(one -> one.port() == port)
        .map(one -> target(one, workload))
        .findFirst()
        .orElse(port);
  }

  private static int target(Service.Port port, WorkloadInstance workload) {
    return port.targetPortNumber()
        .orElseGet(() -> workload.ports().getOrDefault(port.targetPort(), port.port()));
  }

  /** The endpoints of each of its clusters, subsets by their labels. */
  List<EndpointsInput> endpoints(GatewayInput input) {
    List<EndpointsInput> all = new ArrayList<>();
    for (Destination destination : destinations(input)) {
      if (destination.service().resolution() != Resolution.DNS) {
        for (ServicePort port : destination.service().ports()) {
          addEndpoints(destination, port, all);
        }
      }
    }
    return all;
  }

  /** Each once, sorted by host. */
  static List<Destination> destinations(GatewayInput input) {
    TreeMap<String, Destination> byHost = new TreeMap<>();
    for (Exposure exposure : input.exposures()) {
      exposure.destinations().forEach(one -> byHost.put(one.service().host(), one));
    }
    return List.copyOf(byHost.values());
  }

  private void addEndpoints(Destination destination, ServicePort port, List<EndpointsInput> all) {
    MeshService service = destination.service();
    List<ServiceEndpoint> behind =
        Weights.of(
            Weights.bounded(state.services().endpoints(service.host(), port.number())).stream()
                .filter(this::isInside)
                .map(one -> new Weights.Weighed(one, (long) one.weight() * networks.scale()))
                .toList());
    Optional<DestinationRule> rule = destination.rule();
    all.add(
        new EndpointsInput(
            Names.serverName(port.number(), "", service),
            inMutualTls(behind, rule.flatMap(r -> r.trafficPolicyFor(port.number()))),
            Optional.empty()));
    for (Subset subset : rule.map(DestinationRule::subsets).orElse(List.of())) {
      all.add(
          new EndpointsInput(
              Names.serverName(port.number(), subset.name(), service),
              inMutualTls(
                  behind.stream().filter(one -> one.hasAll(subset.labels())).toList(),
                  rule.flatMap(r -> r.trafficPolicyFor(subset, port.number()))),
              Optional.empty()));
    }
  }

  /**
   * Whether an endpoint is in the gateway's own network: what comes in from another network never
   * goes on to a third one, and a service of a single cluster is not reached from the others.
   */
  private boolean isInside(ServiceEndpoint endpoint) {
    String network = networks.of(endpoint);
    boolean inside =
        network.isEmpty()
            || network.equals(client.network())
            || (client.network().isEmpty() && !networks.isApart(network, ""));
    return inside && endpoint.mutualTls();
  }

  /** None where clients are told to speak something else: they never come through a gateway. */
  private static List<ServiceEndpoint> inMutualTls(
      List<ServiceEndpoint> endpoints, Optional<TrafficPolicy> policy) {
    Optional<TlsMode> mode = policy.flatMap(TrafficPolicy::tls).map(ClientTls::mode);
    return mode.filter(written -> written != TlsMode.ISTIO_MUTUAL).isPresent()
        ? List.of()
        : endpoints;
  }
}
