package io.selvage.control.workload;

import io.selvage.control.workload.MeshService.Alias;
import io.selvage.control.workload.ServiceJoin.Circumstances;
import io.selvage.control.workload.ServiceJoin.Declared;
import io.selvage.model.EndpointSlice;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Namespace;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.Resource;
import io.selvage.model.Service;
import io.selvage.model.ServiceEntry;
import io.selvage.model.TrafficDistribution;
import io.selvage.model.WorkloadEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One joining of a snapshot with the workloads; used once. What an earlier joining made of a
 * service is taken over when nothing is different that it was made of, so that a change costs what
 * it touches.
 */
final class RegistryBuilder {
  private final MeshSnapshot snapshot;
  private final List<WorkloadInstance> workloads;
  private final ClusterView.All clusters;
  private final Memory before;
  private final ClusterPart own;
  private final TreeMap<String, ClusterPart> others = new TreeMap<>();
  private final List<ClusterPart> parts = new ArrayList<>();
  private final Map<String, Service> known = new LinkedHashMap<>();
  private final Map<String, Joined> joined = new LinkedHashMap<>();

  /**
   * What is kept of a joining for the next one.
   *
   * @param around what every service depends on
   * @param joined by host, in the order in which ports were declared
   * @param inbound the ports of workloads that come of it
   * @param pods by cluster and namespace
   */
  record Memory(
      Around around,
      Map<String, Joined> joined,
      Map<String, List<InboundPort>> inbound,
      Map<String, Map<String, NamespacePods>> pods) {
    /** Nothing was joined before. */
    static final Memory NONE =
        new Memory(
            new Around(MeshConfig.DEFAULTS, List.of(), List.of()), Map.of(), Map.of(), Map.of());
  }

  /** What every service depends on: settings of the mesh, who takes mTLS, and the clusters. */
  record Around(MeshConfig mesh, List<PeerAuthentication> modes, List<Cluster> clusters) {
    private record Cluster(String id, String network) {}
  }

  /** What a service came to, and of what. */
  record Joined(Inputs inputs, ServiceJoin.Result result) {}

  /**
   * What one service depends on, beside {@link Around}.
   *
   * @param declared the Service or ServiceEntry
   * @param circumstances its address where it has none, and what else others say of it
   * @param entries of its namespace
   * @param there what each cluster has of it
   */
  private record Inputs(
      Resource declared,
      Circumstances circumstances,
      List<WorkloadEntry> entries,
      List<There> there) {}

  /** What one cluster has of a service; pods are compared as objects. */
  private record There(
      Optional<Service> service, @Nullable List<EndpointSlice> slices, NamespacePods pods) {}

  RegistryBuilder(
      MeshSnapshot snapshot,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      Memory before) {
    this.snapshot = snapshot;
    this.workloads = workloads;
    this.clusters = clusters;
    this.before = before;
    List<Service> declared = snapshot.all(Service.class);
    Map<String, Map<String, List<WorkloadInstance>>> running = running();
    this.own = part(clusters.own(), declared, snapshot.all(EndpointSlice.class), running);
    parts.add(own);
    declared.forEach(service -> known.put(service.host(), service));
    for (ClusterView view : clusters.neighbours()) {
      List<Service> theirs = view.declared().map(ClusterView.Declared::services).orElse(declared);
      List<EndpointSlice> slices =
          view.declared().map(ClusterView.Declared::slices).orElse(List.of());
      others.put(view.id(), part(view, theirs, slices, running));
      theirs.forEach(service -> known.putIfAbsent(service.host(), service));
    }
    parts.addAll(others.values());
  }

  /** The workloads by cluster and namespace; those of an unknown cluster count as own. */
  private Map<String, Map<String, List<WorkloadInstance>>> running() {
    Map<String, Map<String, List<WorkloadInstance>>> running = new HashMap<>();
    List<String> neighbours = clusters.neighbours().stream().map(ClusterView::id).toList();
    String ownId = clusters.own().id();
    for (WorkloadInstance instance : workloads) {
      boolean apart = !ownId.isEmpty() && neighbours.contains(instance.cluster());
      running
          .computeIfAbsent(apart ? instance.cluster() : ownId, _ -> new HashMap<>())
          .computeIfAbsent(instance.namespace(), _ -> new ArrayList<>())
          .add(instance);
    }
    return running;
  }

  private ClusterPart part(
      ClusterView view,
      List<Service> services,
      List<EndpointSlice> slices,
      Map<String, Map<String, List<WorkloadInstance>>> running) {
    return new ClusterPart(
        view.id(),
        view.network(),
        services,
        slices,
        running.getOrDefault(view.id(), Map.of()),
        before.pods().getOrDefault(view.id(), Map.of()));
  }

  ServiceRegistry build() {
    Around around = around();
    Map<String, Joined> last = around.equals(before.around()) ? before.joined() : Map.of();
    List<String> without = hostsWithoutAddress();
    Map<String, List<Alias>> aliases = Aliases.of(known);
    Map<String, String> virtual = VirtualAddresses.allocate(without);
    for (Service service : known.values()) {
      if (service.externalName().isEmpty()) {
        add(service, circumstances(service, service.host(), virtual, aliases), last);
      }
    }
    for (ServiceEntry entry : snapshot.serviceEntriesByOwnership()) {
      for (String host : entry.hosts()) {
        if (!joined.containsKey(host)) {
          add(entry, host, circumstances(entry, host, virtual, aliases), last);
        }
      }
    }
    Map<String, Map<String, NamespacePods>> pods = new HashMap<>();
    parts.forEach(part -> pods.put(part.id(), part.pods()));
    return ServiceRegistry.of(
        new Memory(around, joined, inbound(last), pods),
        workloads,
        clusters,
        Networks.of(snapshot, clusters),
        without.stream().filter(host -> !virtual.containsKey(host)).distinct().toList());
  }

  private Around around() {
    List<Around.Cluster> ids = new ArrayList<>();
    parts.forEach(part -> ids.add(new Around.Cluster(part.id(), part.network())));
    return new Around(snapshot.meshConfig(), snapshot.all(PeerAuthentication.class), ids);
  }

  private Circumstances circumstances(
      Resource declared,
      String host,
      Map<String, String> virtual,
      Map<String, List<Alias>> aliases) {
    return new Circumstances(
        Optional.ofNullable(virtual.get(host)),
        aliases.getOrDefault(host, List.of()),
        snapshot
            .find(Namespace.class, "", declared.meta().namespace())
            .map(Namespace::distribution)
            .orElse(TrafficDistribution.ANY));
  }

  private void add(Service service, Circumstances in, Map<String, Joined> last) {
    Inputs inputs = inputs(service, in, part -> part.slices(service));
    joined.put(
        service.host(),
        taken(
            last.get(service.host()),
            inputs,
            () -> new ServiceJoin(snapshot, own, parts).of(service, in)));
  }

  private void add(ServiceEntry entry, String host, Circumstances in, Map<String, Joined> last) {
    Inputs inputs = inputs(entry, in, _ -> null);
    joined.put(
        host,
        taken(
            last.get(host),
            inputs,
            () -> new ServiceJoin(snapshot, own, parts).of(entry, host, in)));
  }

  private static Joined taken(
      @Nullable Joined last, Inputs inputs, Supplier<ServiceJoin.Result> join) {
    return last != null && last.inputs().equals(inputs) ? last : new Joined(inputs, join.get());
  }

  /** What a cluster's slices say of a service; null where it has none. */
  private interface Slices {
    @Nullable List<EndpointSlice> of(ClusterPart part);
  }

  private Inputs inputs(Resource declared, Circumstances in, Slices slices) {
    String namespace = declared.meta().namespace();
    List<There> there = new ArrayList<>(parts.size());
    for (ClusterPart part : parts) {
      there.add(
          new There(
              part.service(declared.meta().qualifiedName()),
              slices.of(part),
              part.pods(namespace)));
    }
    return new Inputs(declared, in, snapshot.in(namespace, WorkloadEntry.class), there);
  }

  /** The ports of workloads: as they were, unless another service declares others. */
  private Map<String, List<InboundPort>> inbound(Map<String, Joined> last) {
    if (declarations(joined).equals(declarations(last))) {
      return before.inbound();
    }
    Map<String, TreeMap<Integer, InboundPort>> byKey = new HashMap<>();
    for (Joined one : joined.values()) {
      for (Declared port : one.result().declared()) {
        byKey
            .computeIfAbsent(port.instance().key(), _ -> new TreeMap<>())
            .putIfAbsent(port.port().number(), port.port());
      }
    }
    Map<String, List<InboundPort>> ports = new HashMap<>();
    byKey.forEach((key, byNumber) -> ports.put(key, List.copyOf(byNumber.values())));
    return ports;
  }

  private static List<List<Declared>> declarations(Map<String, Joined> of) {
    return of.values().stream().map(one -> one.result().declared()).toList();
  }

  /**
   * Also those that have one in some of the clusters: in another it may be somebody else's. What
   * this cluster declares comes first, the older before the newer, so that nobody takes an address
   * away from it.
   */
  private List<String> hostsWithoutAddress() {
    List<String> hosts = new ArrayList<>();
    List<String> theirs = new ArrayList<>();
    for (Service service : known.values()) {
      if (service.externalName().isEmpty()
          && parts.stream().anyMatch(part -> lacksAddress(part, service))) {
        boolean declaredHere = own.service(service.meta().qualifiedName()).isPresent();
        (declaredHere ? hosts : theirs).add(service.host());
      }
    }
    for (ServiceEntry entry : snapshot.serviceEntriesByOwnership()) {
      if (entry.addresses().isEmpty() && entry.resolution() != ServiceEntry.Resolution.NONE) {
        entry.hosts().stream().filter(host -> !host.startsWith("*")).forEach(hosts::add);
      }
    }
    hosts.addAll(theirs);
    return hosts;
  }

  private static boolean lacksAddress(ClusterPart part, Service service) {
    return part.service(service.meta().qualifiedName()).flatMap(Service::clusterIp).isEmpty();
  }
}
