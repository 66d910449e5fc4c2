package io.selvage.control.workload;

import io.selvage.control.workload.MeshService.Alias;
import io.selvage.control.workload.MeshService.Origin;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.model.Endpoint;
import io.selvage.model.EndpointSlice;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.PortProtocol;
import io.selvage.model.Service;
import io.selvage.model.ServiceEntry;
import io.selvage.model.TrafficDistribution;
import io.selvage.model.WorkloadEntry;
import io.selvage.model.WorkloadView;
import io.selvage.xds.resource.Cluster.ServiceIdentity;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The joining of one service with the workloads: who answers on its ports, and what it declares of
 * their ports. Used once.
 */
final class ServiceJoin {
  /**
   * Label by which an endpoint outside of the registry says that it takes the mesh's mTLS; without
   * it, one with a service account does.
   */
  private static final String TLS_MODE_LABEL = "security.istio.io/tlsMode";

  private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";

  private final MeshSnapshot snapshot;
  private final ClusterPart own;
  private final List<ClusterPart> parts;
  private final Map<Integer, List<ServiceEndpoint>> endpoints = new HashMap<>();
  private final List<Declared> declared = new ArrayList<>();
  private final IdentityHashMap<WorkloadInstance, Set<Integer>> seen = new IdentityHashMap<>();

  /**
   * What holds for a service beside what it declares itself.
   *
   * @param virtual its address where it has none of its own
   * @param aliases its other names
   * @param distribution which endpoints are preferred where it does not say it
   */
  record Circumstances(
      Optional<String> virtual, List<Alias> aliases, TrafficDistribution distribution) {}

  /** A port of a workload that a service declares. */
  record Declared(WorkloadInstance instance, InboundPort port) {}

  /**
   * What a service came to.
   *
   * @param endpoints by the service's ports
   * @param declared in the order found; the first for a workload's port counts
   */
  record Result(
      MeshService service,
      Map<Integer, List<ServiceEndpoint>> endpoints,
      List<Declared> declared) {}

  /**
   * A joining.
   *
   * @param parts the clusters, {@code own} among them
   */
  ServiceJoin(MeshSnapshot snapshot, ClusterPart own, List<ClusterPart> parts) {
    this.snapshot = snapshot;
    this.own = own;
    this.parts = parts;
  }

  private Result result(MeshService service) {
    return new Result(service, Map.copyOf(endpoints), List.copyOf(declared));
  }

  /** Joins a Service. */
  Result of(Service service, Circumstances in) {
    List<ServicePort> ports =
        service.ports().stream()
            .filter(port -> port.speaks() != PortProtocol.UDP)
            .map(port -> new ServicePort(port.port(), port.name(), port.speaks()))
            .toList();
    List<String> addresses = addresses(own, service, in.virtual());
    Map<String, List<String>> elsewhere = new TreeMap<>();
    for (ClusterPart part : parts) {
      List<String> there = addresses(part, service, in.virtual());
      if (!there.equals(addresses)) {
        elsewhere.put(part.id(), there);
      }
    }
    for (Service.Port port : service.ports()) {
      if (port.speaks() != PortProtocol.UDP) {
        endpoints.put(port.port(), endpointsOf(service, port));
      }
    }
    return result(
        new MeshService(
            service.host(),
            service.meta().name(),
            service.meta().namespace(),
            Origin.SERVICE,
            addresses,
            elsewhere,
            ports,
            Resolution.STATIC,
            false,
            List.of(),
            service.exportTo(),
            in.aliases(),
            service.distribution().orElse(in.distribution()),
            service.nodeLocal()));
  }

  private static List<String> addresses(
      ClusterPart part, Service service, Optional<String> virtual) {
    Service there = part.service(service.meta().qualifiedName()).orElse(service);
    if (there.isHeadless()) {
      return List.of();
    }
    return part.service(service.meta().qualifiedName())
        .flatMap(Service::clusterIp)
        .or(() -> virtual)
        .map(List::of)
        .orElse(List.of());
  }

  /**
   * Who answers in any of the clusters. A service is one in all of them (namespace sameness), and a
   * port is the one of the same name.
   */
  private List<ServiceEndpoint> endpointsOf(Service service, Service.Port port) {
    List<ServiceEndpoint> found = new ArrayList<>();
    for (ClusterPart part : parts) {
      part.service(service.meta().qualifiedName())
          .ifPresent(there -> addEndpoints(part, there, port.name(), found));
    }
    String namespace = service.meta().namespace();
    for (WorkloadEntry entry : snapshot.in(namespace, WorkloadEntry.class)) {
      if (service.selects(entry.endpoint().labels()) && isCalled(entry.endpoint(), false)) {
        int number =
            entry
                .endpoint()
                .ports()
                .getOrDefault(port.name(), port.targetPortNumber().orElse(port.port()));
        found.add(endpoint(entry.endpoint(), namespace, entry.meta().name(), number));
      }
    }
    return ordered(found);
  }

  private void addEndpoints(
      ClusterPart part, Service service, String portName, List<ServiceEndpoint> all) {
    List<EndpointSlice> slices = part.slices(service);
    for (Service.Port port : service.ports()) {
      if (!port.name().equals(portName) || port.speaks() == PortProtocol.UDP) {
        continue;
      }
      List<ServiceEndpoint> selected = new ArrayList<>();
      for (WorkloadInstance instance : part.selected(service)) {
        targetPort(port, instance)
            .ifPresent(
                number ->
                    selected.add(
                        reached(part, instance, number, port.speaks(), identity(service))));
      }
      // Where a cluster says itself who is there, its word counts: who is selected and not ready
      // has its ports declared by now, and gets no traffic.
      all.addAll(slices == null ? selected : inSlices(part, service, port, slices));
    }
  }

  private List<ServiceEndpoint> inSlices(
      ClusterPart part, Service service, Service.Port port, List<EndpointSlice> sliced) {
    List<ServiceEndpoint> found = new ArrayList<>();
    for (EndpointSlice slice : sliced) {
      for (EndpointSlice.Port of : slice.ports()) {
        for (EndpointSlice.SliceEndpoint endpoint : slice.endpoints()) {
          if (endpoint.ready() && of.name().equals(port.name())) {
            sliced(part, service, endpoint, of.number(), port.speaks()).ifPresent(found::add);
          }
        }
      }
    }
    // A dual-stack Pod is in a slice of each IP version, and reached by its first address.
    return found.stream().distinct().toList();
  }

  /**
   * A Pod with its identity, or an address that is none and proves nothing. A Pod that is not known
   * yet, or no more, is left out until it is: slices and Pods are told apart, and who calls it
   * before its identity is known would call it in plaintext.
   */
  private Optional<ServiceEndpoint> sliced(
      ClusterPart part,
      Service service,
      EndpointSlice.SliceEndpoint endpoint,
      int port,
      PortProtocol protocol) {
    String namespace = service.meta().namespace();
    String address = endpoint.addresses().getFirst();
    Optional<WorkloadInstance> pod = part.pod(namespace, endpoint.pod(), address);
    if (!endpoint.pod().isEmpty()) {
      return pod.map(one -> reached(part, one, port, protocol, identity(service)));
    }
    return Optional.of(
        new ServiceEndpoint(
            address,
            port,
            1,
            part.id(),
            part.network(),
            "",
            Map.of(),
            namespace,
            "",
            false,
            telemetry(service.meta().name(), namespace, Map.of(), "")));
  }

  private static ServiceIdentity identity(Service service) {
    return new ServiceIdentity(service.host(), service.meta().name(), service.meta().namespace());
  }

  private static OptionalInt targetPort(Service.Port port, WorkloadInstance instance) {
    if (port.targetPort().isEmpty()) {
      return OptionalInt.of(port.port());
    }
    OptionalInt number = port.targetPortNumber();
    if (number.isPresent()) {
      return number;
    }
    Integer named = instance.ports().get(port.targetPort());
    return named == null ? OptionalInt.empty() : OptionalInt.of(named);
  }

  /** Joins one host of a ServiceEntry. */
  Result of(ServiceEntry entry, String host, Circumstances in) {
    for (ServiceEntry.Port port : entry.ports()) {
      endpoints.put(port.number(), endpointsOf(entry, host, port));
    }
    return result(service(entry, host, in));
  }

  private static MeshService service(ServiceEntry entry, String host, Circumstances in) {
    List<String> addresses =
        entry.addresses().isEmpty() ? in.virtual().stream().toList() : entry.addresses();
    return new MeshService(
        host,
        entry.meta().name(),
        entry.meta().namespace(),
        Origin.SERVICE_ENTRY,
        addresses,
        Map.of(),
        entry.ports().stream()
            .filter(port -> port.speaks() != PortProtocol.UDP)
            .map(port -> new ServicePort(port.number(), port.name(), port.speaks()))
            .toList(),
        switch (entry.resolution()) {
          case NONE -> Resolution.PASSTHROUGH;
          case STATIC -> Resolution.STATIC;
          case DNS, DNS_ROUND_ROBIN -> Resolution.DNS;
          case DYNAMIC_DNS -> Resolution.PASSTHROUGH;
        },
        entry.location() == ServiceEntry.Location.MESH_EXTERNAL,
        entry.subjectAltNames(),
        entry.exportTo(),
        in.aliases(),
        entry.distribution().orElse(in.distribution()),
        false);
  }

  private List<ServiceEndpoint> endpointsOf(
      ServiceEntry entry, String host, ServiceEntry.Port port) {
    String namespace = entry.meta().namespace();
    List<ServiceEndpoint> found = new ArrayList<>();
    boolean names = entry.resolution() != ServiceEntry.Resolution.STATIC;
    for (Endpoint endpoint : entry.endpoints()) {
      if (!isCalled(endpoint, names)) {
        continue;
      }
      int number = endpoint.ports().getOrDefault(port.name(), port.targetPort());
      found.add(endpoint(endpoint, namespace, entry.meta().name(), number));
    }
    entry
        .workloadSelector()
        .ifPresent(
            selector -> {
              ServiceIdentity identity = new ServiceIdentity(host, entry.meta().name(), namespace);
              for (ClusterPart part : parts) {
                for (WorkloadInstance instance : part.in(namespace)) {
                  if (selector.matches(instance.labels())) {
                    found.add(reached(part, instance, port.targetPort(), port.speaks(), identity));
                  }
                }
              }
              for (WorkloadEntry other : snapshot.in(namespace, WorkloadEntry.class)) {
                if (selector.matches(other.endpoint().labels())
                    && isCalled(other.endpoint(), names)) {
                  int number =
                      other.endpoint().ports().getOrDefault(port.name(), port.targetPort());
                  found.add(endpoint(other.endpoint(), namespace, other.meta().name(), number));
                }
              }
            });
    if (found.isEmpty()
        && entry.workloadSelector().isEmpty()
        && entry.resolution() == ServiceEntry.Resolution.DNS
        && !host.startsWith("*")) {
      found.add(
          new ServiceEndpoint(
              host,
              port.targetPort(),
              1,
              "",
              "",
              "",
              Map.of(),
              namespace,
              "",
              false,
              ClusterLoadAssignment.Workload.UNKNOWN));
    }
    return ordered(found);
  }

  /** An instance as an endpoint; the port counts as declared from now on. */
  private ServiceEndpoint reached(
      ClusterPart part,
      WorkloadInstance instance,
      int port,
      PortProtocol protocol,
      ServiceIdentity service) {
    if (seen.computeIfAbsent(instance, _ -> new HashSet<>()).add(port)) {
      declared.add(new Declared(instance, new InboundPort(port, protocol, service)));
    }
    return new ServiceEndpoint(
        instance.address(),
        port,
        instance.weight(),
        instance.cluster(),
        part.networkOf(instance),
        instance.locality(),
        instance.node(),
        instance.labels(),
        instance.namespace(),
        instance.hasProxy() ? instance.serviceAccount() : "",
        instance.hasProxy() && takesTls(instance.view(), port),
        telemetry(instance.name(), instance.namespace(), instance.labels(), instance.cluster()));
  }

  /**
   * Whether proxies can be told of it. One without an address is its network's gateway's; a name
   * where addresses are needed would have proxies refuse all that they are told.
   *
   * @param names whether they resolve names
   */
  private static boolean isCalled(Endpoint endpoint, boolean names) {
    return endpoint.address().isEmpty()
        ? !endpoint.network().isEmpty() && !names
        : !endpoint.isSocket() && (names || endpoint.isAtAddress());
  }

  private ServiceEndpoint endpoint(Endpoint written, String namespace, String name, int port) {
    boolean meshed =
        "istio"
            .equals(
                written
                    .labels()
                    .getOrDefault(
                        TLS_MODE_LABEL, written.serviceAccount().isEmpty() ? "" : "istio"));
    return new ServiceEndpoint(
        written.address(),
        port,
        Math.max(1, written.weight()),
        own.id(),
        written.network().isEmpty() ? own.network() : written.network(),
        written.locality(),
        written.labels(),
        namespace,
        written.serviceAccount(),
        meshed && takesTls(new WorkloadView(namespace, written.labels()), port),
        telemetry(name, namespace, written.labels(), ""));
  }

  private boolean takesTls(WorkloadView workload, int port) {
    return snapshot.effectivePeerAuthentication(workload, port).mode() != Mode.DISABLE;
  }

  private static ClusterLoadAssignment.Workload telemetry(
      String name, String namespace, Map<String, String> labels, String cluster) {
    String app = labels.getOrDefault("app", name);
    return new ClusterLoadAssignment.Workload(
        name,
        namespace,
        labels.getOrDefault(CANONICAL_NAME, labels.getOrDefault("app.kubernetes.io/name", app)),
        labels.getOrDefault(CANONICAL_REVISION, labels.getOrDefault("version", "latest")),
        cluster);
  }

  private static List<ServiceEndpoint> ordered(List<ServiceEndpoint> found) {
    return found.stream()
        .sorted(
            Comparator.comparing(ServiceEndpoint::address)
                .thenComparingInt(ServiceEndpoint::port)
                .thenComparing(ServiceEndpoint::cluster))
        .distinct()
        .toList();
  }
}
