package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.generate.OutboundInput.PortIdentities;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.Sidecar;
import io.selvage.pki.SpiffeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What the clients of a namespace see of the mesh: gathers the inputs of their outbound side. */
final class OutboundView {
  private final MeshState state;
  private final Memo<Destination, Destination> destinations;
  private final Memo<List<Destination>, List<Destination>> lists;
  private final Map<Ports, List<PortIdentities>> identities = new HashMap<>();
  private final Map<Ruled, Destination> made = new HashMap<>();
  private final Imports imports;

  /** Some ports of a service. */
  private record Ports(String host, List<ServicePort> ports) {
    @Override
    public int hashCode() {
      return host.hashCode();
    }
  }

  /** A service, the cluster that it is called from, and the rule by which clients call it. */
  private record Ruled(MeshService service, String from, Optional<DestinationRule> rule) {
    @Override
    public int hashCode() {
      return service.host().hashCode();
    }
  }

  /**
   * A view of a state.
   *
   * @param destinations makes equal destinations one object, over namespaces and rounds
   * @param lists the same for all that a namespace sees
   */
  OutboundView(
      MeshState state,
      Memo<Destination, Destination> destinations,
      Memo<List<Destination>, List<Destination>> lists) {
    this.state = state;
    this.destinations = destinations;
    this.lists = lists;
    this.imports = new Imports(state.services());
  }

  OutboundInput of(Client client) {
    Imports.Imported imported = imports.of(client);
    List<Destination> called = destinations(client, imported.called());
    return new OutboundInput(
        spelling(client.namespace(), called),
        called,
        imported.isAllCaptured() ? called : destinations(client, imported.captured()),
        client
            .sidecar()
            .flatMap(Sidecar::outboundTrafficPolicy)
            .orElse(state.mesh().outboundTrafficPolicy()),
        state.mesh(),
        client.family());
  }

  private List<Destination> destinations(Client client, List<MeshService> services) {
    List<Destination> all = new ArrayList<>();
    for (MeshService service : services) {
      all.add(
          made.computeIfAbsent(
              new Ruled(
                  service,
                  client.cluster(),
                  state.snapshot().destinationRuleFor(service.host(), client.view())),
              this::destination));
    }
    return lists.get(List.copyOf(all));
  }

  /** Where nothing has a short name for them, clients of all namespaces see the same. */
  private static String spelling(String namespace, List<Destination> destinations) {
    return destinations.stream()
            .anyMatch(one -> ServiceRegistry.hasShortName(one.service(), namespace))
        ? namespace
        : "";
  }

  private Destination destination(Ruled ruled) {
    MeshService service = ruled.service();
    return destinations.get(
        new Destination(
            service.seenFrom(ruled.from()),
            ruled.rule(),
            identities.computeIfAbsent(
                new Ports(service.host(), service.ports()), _ -> identities(state, service))));
  }

  /** The endpoints of each cluster that asks for them, subsets by their labels. */
  List<EndpointsInput> endpoints(List<Destination> destinations, Client client) {
    List<EndpointsInput> all = new ArrayList<>();
    for (Destination destination : destinations) {
      if (destination.service().resolution() == Resolution.STATIC) {
        for (ServicePort port : destination.service().ports()) {
          addEndpoints(client, destination, port, all);
        }
      }
    }
    return all;
  }

  private void addEndpoints(
      Client client, Destination destination, ServicePort port, List<EndpointsInput> all) {
    MeshService service = destination.service();
    String host = service.host();
    List<ServiceEndpoint> endpoints = reachable(client, service, port);
    all.add(
        input(
            Names.outbound(port.number(), "", host),
            service,
            endpoints,
            client,
            destination.rule().flatMap(rule -> rule.trafficPolicyFor(port.number()))));
    for (Subset subset : destination.rule().map(DestinationRule::subsets).orElse(List.of())) {
      List<ServiceEndpoint> members =
          endpoints.stream().filter(endpoint -> endpoint.hasAll(subset.labels())).toList();
      all.add(
          input(
              Names.outbound(port.number(), subset.name(), host),
              service,
              members,
              client,
              destination.rule().flatMap(rule -> rule.trafficPolicyFor(subset, port.number()))));
    }
  }

  /** Those in other networks stand behind their gateways. */
  private EndpointsInput input(
      String cluster,
      MeshService service,
      List<ServiceEndpoint> members,
      Client client,
      Optional<TrafficPolicy> policy) {
    var across = new CrossNetwork(state.services().networks(), client.network());
    return new EndpointsInput(
        cluster,
        across.seen(members, policy.flatMap(TrafficPolicy::tls).map(ClientTls::mode)),
        nearness(client, LocalityPreference.of(service, policy, state.mesh())));
  }

  /**
   * Those of a cluster-local service in another cluster than the client's are not for it, nor those
   * of a node-local one on another node.
   */
  private List<ServiceEndpoint> reachable(Client client, MeshService service, ServicePort port) {
    List<ServiceEndpoint> all = state.services().endpoints(service.host(), port.number());
    return service.nodeLocal() || state.mesh().isClusterLocal(service.host())
        ? all.stream()
            .filter(one -> one.cluster().equals(client.cluster()))
            .filter(one -> !service.nodeLocal() || one.node().equals(client.node()))
            .toList()
        : all;
  }

  /**
   * Everything that a load assignment depends on.
   *
   * @param cluster its name
   * @param endpoints who answers
   * @param nearness what the client prefers; empty: nothing
   */
  record EndpointsInput(
      String cluster, List<ServiceEndpoint> endpoints, Optional<Nearness> nearness) {
    /** Cheap; the endpoints are compared. */
    @Override
    public int hashCode() {
      return cluster.hashCode() * 31 + endpoints.size();
    }
  }

  private static Optional<Nearness> nearness(Client client, LocalityPreference preference) {
    return preference.isAny()
        ? Optional.of(
            Nearness.of(
                preference.setting(), client.locality(), client.allLabels(), preference.failover()))
        : Optional.empty();
  }

  /** Who answers on each port of a service, as far as its clients must know it. */
  static List<PortIdentities> identities(MeshState state, MeshService service) {
    List<PortIdentities> all = new ArrayList<>();
    for (ServicePort port : service.ports()) {
      List<ServiceEndpoint> endpoints = state.services().endpoints(service.host(), port.number());
      TreeSet<String> ids = new TreeSet<>();
      TreeSet<String> addresses = new TreeSet<>();
      for (ServiceEndpoint endpoint : endpoints) {
        if (!endpoint.serviceAccount().isEmpty()) {
          state.mesh().trustDomains().forEach(domain -> ids.add(spiffeId(domain, endpoint)));
        }
        if (service.isHeadless() && !endpoint.address().isEmpty()) {
          addresses.add(endpoint.address());
        }
      }
      all.add(
          new PortIdentities(
              port.number(),
              List.copyOf(ids),
              List.copyOf(addresses),
              !endpoints.isEmpty() && endpoints.stream().allMatch(ServiceEndpoint::mutualTls),
              !endpoints.isEmpty() && endpoints.stream().noneMatch(ServiceEndpoint::mutualTls),
              service.resolution() == Resolution.DNS ? endpoints : List.of()));
    }
    return List.copyOf(all);
  }

  private static String spiffeId(String trustDomain, ServiceEndpoint endpoint) {
    return SpiffeId.workload(trustDomain, endpoint.namespace(), endpoint.serviceAccount())
        .toString();
  }
}
