package io.selvage.control.generate;

import io.selvage.control.generate.InboundView.PoliciesInput;
import io.selvage.control.generate.InboundView.Translated;
import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.generate.OutboundView.EndpointsInput;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.DestinationRule;
import io.selvage.model.MeshConfig;
import io.selvage.model.WorkloadView;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Generates what proxies are told, and remembers it while nothing changes that it depends on.
 *
 * <p>For each part the input is gathered first, which is cheap; the part is generated only when the
 * input is not equal to one of this or the last round. Parts with equal inputs are one object, so
 * whoever encodes them can do it once. The result never depends on what was generated before. One
 * thread at a time.
 */
public final class ResourceGenerator {
  private final PolicyTranslation translation;
  private final Memo<PoliciesInput, Translated> policies;
  private final Memo<DiscoveredPolicies.Identified, ExtensionConfig> named =
      new Memo<>(DiscoveredPolicies.Identified::config);
  private final Memo<InboundClusters.Input, List<Cluster>> inboundClusters =
      new Memo<>(InboundClusters::of);
  private final Memo<InboundInput, Inbound> inbound = new Memo<>(this::inboundSide);

  /** Of proxies whose listeners name their policies: these are no part of the input. */
  private final Memo<InboundInput, Inbound> naming = new Memo<>(this::inboundSide);

  private final Memo<Destination, Destination> destinations = new Memo<>(one -> one);
  private final Memo<List<Destination>, List<Destination>> destinationLists =
      new Memo<>(list -> list);
  private final Memo<OutboundClusters.Input, List<Cluster>> serviceClusters =
      new Memo<>(OutboundClusters::of);
  private final Memo<ClustersInput, List<Cluster>> clusters = new Memo<>(this::clusters);
  private final Memo<OutboundInput, Outbound> outbound =
      new Memo<>(
          in ->
              Outbound.of(in, this.clusters.get(new ClustersInput(in.destinations(), in.mesh()))));
  private final Memo<EndpointsInput, ClusterLoadAssignment> endpoints =
      new Memo<>(
          input ->
              input
                  .nearness()
                  .map(near -> Endpoints.of(input.cluster(), input.endpoints(), near))
                  .orElseGet(() -> Endpoints.of(input.cluster(), input.endpoints())));
  private final Memo<SameObjects<ClusterLoadAssignment>, List<ClusterLoadAssignment>>
      endpointLists = new Memo<>(SameObjects::list);
  private final Memo<HttpProxyInput, Listener> httpProxies =
      new Memo<>(in -> OutboundListeners.httpProxy(in.mesh(), in.address(), in.port()));
  private final Memo<GrpcInbound.Input, GrpcInbound> grpcInbound = new Memo<>(GrpcInbound::of);
  private final Memo<OutboundInput, GrpcOutbound> grpcOutbound = new Memo<>(GrpcOutbound::of);
  private final Memo<GatewayInput, Outbound> gateways = new Memo<>(Passthrough::of);
  private final Memo<Secret.Validation, Secret.Validation> roots = new Memo<>(secret -> secret);

  /** The outbound side by caller, while nobody sees it otherwise. */
  private final Map<Client, OutboundParts> byClient = new HashMap<>();

  /** Endpoints by what is called and from where, while nobody sees them otherwise. */
  private final IdentityHashMap<List<Destination>, Map<Client, List<ClusterLoadAssignment>>>
      endpointsOf = new IdentityHashMap<>();

  /** The same of what clients see by the node on which they are. */
  private final IdentityHashMap<List<Destination>, Map<Client, List<ClusterLoadAssignment>>>
      endpointsByNode = new IdentityHashMap<>();

  /** Replicas have the same policies: with many of them, each would be looked at each time. */
  private final Map<WorkloadView, Translated> byWorkload = new HashMap<>();

  /** The inbound side by proxy, while nothing is different that any depends on. */
  private final Map<ProxyNode, Inbound> byProxy = new HashMap<>();

  /** The same of proxies whose listeners name their policies: a change of these leaves it alone. */
  private final Map<ProxyNode, Inbound> namingByProxy = new HashMap<>();

  private @Nullable MeshState lastState;

  /** A generator that translates policies in this way. */
  public ResourceGenerator(PolicyTranslation translation) {
    this.translation = translation;
    this.policies = new Memo<>(input -> InboundView.translate(input, translation, named));
  }

  /** Begins to generate for a state; ends the round before. */
  public Round round(MeshState state) {
    Differences since = Differences.between(lastState, state);
    begin(since.inbound(), policies, named, inbound);
    begin(since.accepts(), naming, inboundClusters);
    begin(true, httpProxies, grpcInbound, grpcOutbound, gateways, roots);
    begin(since.calls(), destinations, destinationLists, serviceClusters, clusters, outbound);
    begin(since.endpoints(), endpoints, endpointLists);
    if (since.inbound()) {
      translation.retain(state.snapshot().all(AuthorizationPolicy.class));
      byWorkload.clear();
      byProxy.clear();
    }
    if (since.accepts()) {
      namingByProxy.clear();
    }
    if (since.calls()) {
      byClient.clear();
    }
    if (since.endpoints()) {
      endpointsOf.clear();
      endpointsByNode.clear();
    }
    lastState = state;
    return new Round(state);
  }

  private Inbound inboundSide(InboundInput input) {
    return Inbound.of(input, inboundClusters.get(InboundClusters.Input.of(input)));
  }

  private static void begin(boolean fresh, Memo<?, ?>... memos) {
    for (Memo<?, ?> memo : memos) {
      if (fresh) {
        memo.nextRound();
      } else {
        memo.sameRound();
      }
    }
  }

  /** What namespaces see alike, they have one list of clusters for. */
  private record ClustersInput(List<Destination> destinations, MeshConfig mesh) {
    @Override
    public int hashCode() {
      return destinations.hashCode();
    }
  }

  private List<Cluster> clusters(ClustersInput input) {
    List<Cluster> all = new ArrayList<>();
    for (Destination destination : input.destinations()) {
      all.addAll(serviceClusters.get(new OutboundClusters.Input(destination, input.mesh())));
    }
    all.addAll(OutboundClusters.SPECIAL);
    return List.copyOf(all);
  }

  private record HttpProxyInput(MeshConfig mesh, String address, int port) {}

  private record OutboundParts(OutboundInput called, Outbound outbound, Outbound uncaptured) {}

  /** The generation for one state. */
  public final class Round {
    private final MeshState state;
    private final OutboundView view;
    private final Preferences preferences;
    private final Map<String, List<ExternalAuthorizer>> providers = new HashMap<>();

    private Round(MeshState state) {
      this.state = state;
      this.view = new OutboundView(state, destinations, destinationLists);
      this.preferences = Preferences.of(state);
    }

    /** All that a proxy is told. */
    public ProxyResources resources(ProxyNode node) {
      return switch (node.kind()) {
        case SIDECAR -> sidecar(node);
        case ROUTER -> gateway(node);
      };
    }

    /** What a sidecar is told of its inbound side; empty when that can't be translated. */
    public Optional<Inbound> inbound(ProxyNode sidecar) {
      Translated translated = translated(sidecar.workload().view());
      return translated.failure().isPresent()
          ? Optional.empty()
          : Optional.of(inbound(sidecar, translated));
    }

    private Inbound inbound(ProxyNode sidecar, Translated translated) {
      return sidecar.discoversPolicies() && !translated.named().isEmpty()
          ? naming(sidecar).with(translated.named())
          : byProxy.computeIfAbsent(
              sidecar, of -> inbound.get(InboundView.of(state, of, translated.policies())));
    }

    private Inbound naming(ProxyNode sidecar) {
      return namingByProxy.computeIfAbsent(
          sidecar, of -> naming.get(InboundView.of(state, of, InboundInput.Policies.NAMED)));
    }

    private ProxyResources sidecar(ProxyNode node) {
      WorkloadView selected = node.workload().view();
      Translated translated = translated(selected);
      Client client = narrowed(node.workload(), selected);
      OutboundParts parts = byClient.computeIfAbsent(client.anywhere(), this::outboundParts);
      return new ProxyResources(
          inbound(node, translated),
          httpProxy(node),
          switch (node.interception()) {
            case REDIRECT -> parts.outbound();
            case NONE -> parts.uncaptured();
          },
          endpoints(parts.called(), client),
          endpointsByNode(parts.called(), client),
          roots(),
          translated.origins(),
          translated.problems(),
          translated.failure());
    }

    /** Policies of its own would have nothing to decide on: what it passes on it cannot read. */
    private ProxyResources gateway(ProxyNode node) {
      Client client = client(node.workload(), node.workload().view());
      GatewayView seen = new GatewayView(state, client, view.of(client));
      GatewayInput input = seen.input(node.workload());
      return new ProxyResources(
          Inbound.NONE,
          Optional.empty(),
          gateways.get(input),
          assignments(seen.endpoints(input)),
          List.of(),
          roots(),
          Map.of(),
          List.of(),
          Optional.empty());
    }

    /** All that a workload is told that speaks xDS itself. */
    public GrpcResources grpc(ProxyNode node) {
      WorkloadView selected = node.workload().view();
      Translated translated = translated(selected);
      InboundInput proxied = InboundView.of(state, node, translated.policies());
      Client client = narrowed(node.workload(), selected);
      OutboundInput called = view.of(client);
      return new GrpcResources(
          node.workload().namespace() + "/" + node.workload().name(),
          grpcInbound.get(new GrpcInbound.Input(proxied, node.workload().address())),
          grpcOutbound.get(called),
          endpoints(called, client),
          endpointsByNode(called, client),
          roots(),
          translated.origins(),
          translated.problems(),
          translated.failure());
    }

    private Translated translated(WorkloadView workload) {
      return byWorkload.computeIfAbsent(
          workload, selected -> policies.get(policiesInput(selected)));
    }

    private List<ClusterLoadAssignment> endpoints(OutboundInput called, Client client) {
      return endpointsOf
          .computeIfAbsent(called.destinations(), _ -> new HashMap<>())
          .computeIfAbsent(
              client.ofAnyNamespace().withoutNode(), _ -> assignments(called, client, false));
    }

    /** Apart from the others, of which there may be thousands that do not differ by node. */
    private List<ClusterLoadAssignment> endpointsByNode(OutboundInput called, Client client) {
      return preferences.nodes()
          ? endpointsByNode
              .computeIfAbsent(called.destinations(), _ -> new HashMap<>())
              .computeIfAbsent(client.ofAnyNamespace(), _ -> assignments(called, client, true))
          : List.of();
    }

    private List<ClusterLoadAssignment> assignments(
        OutboundInput called, Client client, boolean byNode) {
      List<Destination> destinations =
          preferences.nodes()
              ? called.destinations().stream()
                  .filter(
                      one ->
                          byNode == Preferences.isByNode(one.service(), one.rule(), state.mesh()))
                  .toList()
              : called.destinations();
      return assignments(view.endpoints(destinations, client));
    }

    private List<ClusterLoadAssignment> assignments(List<EndpointsInput> inputs) {
      return endpointLists.get(new SameObjects<>(inputs.stream().map(endpoints::get).toList()));
    }

    /** Whom every proxy trusts. */
    public Secret.Validation roots() {
      return roots.get(state.trusted());
    }

    /** How many parts had to be generated anew in this round; the rest was remembered. */
    public int generated() {
      return policies.computed()
          + inbound.computed()
          + naming.computed()
          + outbound.computed()
          + endpoints.computed()
          + grpcInbound.computed()
          + grpcOutbound.computed()
          + gateways.computed()
          + httpProxies.computed();
    }

    private PoliciesInput policiesInput(WorkloadView workload) {
      List<ExternalAuthorizer> reachable =
          providers.computeIfAbsent(
              workload.namespace(),
              namespace -> ExternalAuthorizers.of(state.mesh(), state.services(), namespace));
      return PoliciesInput.of(state, workload, reachable);
    }

    /**
     * Labels of a client matter only where a DestinationRule of its namespace selects by them, or
     * some setting prefers by them; its place and its node only where some setting prefers the
     * near.
     */
    private Client client(WorkloadInstance workload, WorkloadView selected) {
      boolean byLabels =
          preferences.labels()
              || state.snapshot().in(workload.namespace(), DestinationRule.class).stream()
                  .anyMatch(rule -> rule.workloadSelector().isPresent());
      Client client = Client.of(workload, selected, state.services());
      client = byLabels ? client : client.withoutLabels();
      client = preferences.nodes() ? client : client.withoutNode();
      return preferences.places() ? client : client.withoutLocality();
    }

    /** Gateways see all that their namespace may see, whatever a Sidecar says. */
    private Client narrowed(WorkloadInstance workload, WorkloadView selected) {
      return client(workload, selected).within(state.snapshot().sidecarFor(selected));
    }

    private OutboundParts outboundParts(Client client) {
      OutboundInput input = view.of(client);
      Outbound captured = outbound.get(input);
      return new OutboundParts(input, captured, captured.withoutCapture());
    }

    private Optional<Listener> httpProxy(ProxyNode node) {
      if (node.httpProxyPort().isEmpty()) {
        return Optional.empty();
      }
      String address =
          switch (node.interception()) {
            case REDIRECT -> "127.0.0.1";
            case NONE -> node.workload().address();
          };
      return Optional.of(
          httpProxies.get(
              new HttpProxyInput(state.mesh(), address, node.httpProxyPort().getAsInt())));
    }
  }
}
