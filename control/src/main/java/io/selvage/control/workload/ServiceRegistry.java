package io.selvage.control.workload;

import io.selvage.control.workload.MeshService.Alias;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.model.EndpointSlice;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Namespace;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import io.selvage.model.Service;
import io.selvage.model.ServiceEntry;
import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All services of a mesh with their endpoints at one moment: what a snapshot declares, joined with
 * who runs where. Immutable; equal inputs make equal registries.
 */
public final class ServiceRegistry {
  /** Hosts that declare no address, and for which no virtual one was left. */
  public static final String WITHOUT_ADDRESS = "SLV7274";

  /** The kinds of resources that a registry is joined from, beside the mesh's settings. */
  private static final List<Class<? extends Resource>> JOINED =
      List.of(
          Service.class,
          EndpointSlice.class,
          ServiceEntry.class,
          WorkloadEntry.class,
          PeerAuthentication.class,
          Namespace.class);

  private final RegistryBuilder.Memory memory;
  private final TreeMap<String, MeshService> byHost = new TreeMap<>();
  private final List<WorkloadInstance> workloads;
  private final ClusterView.All clusters;
  private final Networks networks;
  private final List<String> unaddressed;

  private ServiceRegistry(
      RegistryBuilder.Memory memory,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      Networks networks,
      List<String> unaddressed) {
    this.unaddressed = unaddressed;
    this.memory = memory;
    this.workloads = workloads;
    this.clusters = clusters;
    this.networks = networks;
    memory.joined().forEach((host, one) -> byHost.put(host, one.result().service()));
  }

  /**
   * What a builder joined.
   *
   * @param unaddressed hosts for which no virtual address was left
   */
  static ServiceRegistry of(
      RegistryBuilder.Memory memory,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      Networks networks,
      List<String> unaddressed) {
    return new ServiceRegistry(memory, workloads, clusters, networks, unaddressed);
  }

  /** Joins what is declared with who runs where, all in one cluster. */
  public static ServiceRegistry of(MeshSnapshot snapshot, List<WorkloadInstance> workloads) {
    return of(snapshot, workloads, ClusterView.All.ONE);
  }

  /** Joins what is declared with who runs where, in several clusters. */
  public static ServiceRegistry of(
      MeshSnapshot snapshot, List<WorkloadInstance> workloads, ClusterView.All clusters) {
    return new RegistryBuilder(snapshot, workloads, clusters, RegistryBuilder.Memory.NONE).build();
  }

  /**
   * As {@link #of}, with what this registry has of all services of which nothing is different: what
   * comes of them is the same objects.
   */
  public ServiceRegistry after(
      MeshSnapshot snapshot, List<WorkloadInstance> with, ClusterView.All in) {
    return new RegistryBuilder(snapshot, with, in, memory).build();
  }

  /**
   * Whether the registry of {@code now}, these workloads and clusters would be this one, which was
   * made of {@code then}: it depends on these kinds alone.
   */
  public boolean isOf(
      MeshSnapshot now, MeshSnapshot then, List<WorkloadInstance> with, ClusterView.All in) {
    return workloads.equals(with)
        && clusters.equals(in)
        && now.meshConfig().equals(then.meshConfig())
        && JOINED.stream().allMatch(kind -> now.all(kind).equals(then.all(kind)));
  }

  /** Every service, sorted by host. */
  public List<MeshService> services() {
    return List.copyOf(byHost.values());
  }

  /** The services that clients of a namespace know, sorted by host. */
  public List<MeshService> visibleTo(String namespace) {
    return byHost.values().stream().filter(service -> service.isVisibleTo(namespace)).toList();
  }

  /** The service with this full host. */
  public Optional<MeshService> service(String host) {
    return Optional.ofNullable(byHost.get(host));
  }

  /** Who answers on a port of a host, sorted; none when nobody does. */
  public List<ServiceEndpoint> endpoints(String host, int port) {
    return endpoints(host).getOrDefault(port, List.of());
  }

  /** Who answers on each port of a host: the same object while nothing of it changes. */
  public Map<Integer, List<ServiceEndpoint>> endpoints(String host) {
    RegistryBuilder.Joined joined = memory.joined().get(host);
    return joined == null ? Map.of() : joined.result().endpoints();
  }

  /** The ports of a workload that services declare, by number. */
  public List<InboundPort> inboundPorts(WorkloadInstance instance) {
    return memory.inbound().getOrDefault(instance.key(), List.of());
  }

  /** Whether services declare the same ports of all workloads in both. */
  public boolean declaresAs(ServiceRegistry other) {
    return memory.inbound().equals(other.memory.inbound());
  }

  /** Whether clients see the same services in the same networks; endpoints may differ. */
  public boolean servesAs(ServiceRegistry other) {
    return byHost.equals(other.byHost)
        && clusters.own().equals(other.clusters.own())
        && networks.equals(other.networks);
  }

  /** The network on which a workload is: its own label's, else its cluster's; empty: not said. */
  public String networkOf(WorkloadInstance instance) {
    String said = instance.network();
    if (said.isEmpty()) {
      said =
          clusters.neighbours().stream()
              .filter(neighbour -> neighbour.id().equals(instance.cluster()))
              .findFirst()
              .orElse(clusters.own())
              .network();
    }
    return networks.of(said, instance.cluster(), instance.address());
  }

  /** The mesh's networks. */
  public Networks networks() {
    return networks;
  }

  /** What is amiss with services, networks' gateways included. */
  public List<Problem> problems() {
    if (unaddressed.isEmpty()) {
      return networks.problems();
    }
    List<Problem> all = new ArrayList<>(networks.problems());
    all.add(
        Problem.warning(
            WITHOUT_ADDRESS,
            SourceLocation.UNKNOWN,
            "",
            "there is no address left in 240.240.0.0/16 for %d hosts, %s first; they are reached by HTTP alone"
                .formatted(unaddressed.size(), unaddressed.getFirst())));
    return all;
  }

  /** The clusters that were joined. */
  public ClusterView.All clusters() {
    return clusters;
  }

  /** Every workload that was joined in. */
  public List<WorkloadInstance> workloads() {
    return workloads;
  }

  /**
   * What the mesh's DNS answers to the workloads of a namespace: addresses by name, lower-case and
   * without final dot. A Kubernetes service of the same namespace also has its bare name.
   */
  public Map<String, List<String>> names(String namespace) {
    Map<String, List<String>> names = new TreeMap<>();
    for (MeshService service : visibleTo(namespace)) {
      List<String> addresses =
          service.isHeadless() ? endpointAddresses(service) : service.addresses();
      if (!addresses.isEmpty()) {
        spellings(service, namespace).forEach(name -> names.putIfAbsent(name, addresses));
      }
    }
    return names;
  }

  /**
   * The names by which clients of a namespace may call a service, the full host first, those of its
   * aliases last.
   */
  public static List<String> spellings(MeshService service, String clientNamespace) {
    List<String> names = new ArrayList<>();
    names.add(service.host());
    if (service.origin() == MeshService.Origin.SERVICE) {
      addShorter(service.namespace(), service.name(), clientNamespace, names);
    }
    for (Alias alias : service.aliases()) {
      names.add(alias.host());
      addShorter(alias.namespace(), alias.name(), clientNamespace, names);
    }
    return names;
  }

  private static void addShorter(
      String namespace, String name, String clientNamespace, List<String> names) {
    if (namespace.equals(clientNamespace)) {
      names.add(name);
    }
    names.add(name + "." + namespace);
    names.add(name + "." + namespace + ".svc");
  }

  /** Whether clients of a namespace may call a service, or an alias of it, by its bare name. */
  public static boolean hasShortName(MeshService service, String clientNamespace) {
    boolean own =
        service.origin() == MeshService.Origin.SERVICE
            && service.namespace().equals(clientNamespace);
    return own
        || service.aliases().stream().anyMatch(alias -> alias.namespace().equals(clientNamespace));
  }

  private List<String> endpointAddresses(MeshService service) {
    List<String> all = new ArrayList<>();
    for (ServicePort port : service.ports()) {
      endpoints(service.host(), port.number()).forEach(endpoint -> all.add(endpoint.address()));
    }
    return all.stream().distinct().toList();
  }
}
