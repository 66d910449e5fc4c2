package io.selvage.control.workload;

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
import io.selvage.model.WorkloadEntry;
import io.selvage.model.WorkloadView;
import io.selvage.xds.resource.Cluster.ServiceIdentity;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** One joining of a snapshot with the workloads; used once. */
final class RegistryBuilder {
  /**
   * Label by which an endpoint outside of the registry says that it takes the mesh's mTLS; without
   * it, one with a service account does.
   */
  private static final String TLS_MODE_LABEL = "security.istio.io/tlsMode";

  private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";

  private final MeshSnapshot snapshot;
  private final List<WorkloadInstance> workloads;
  private final ClusterView.All clusters;
  private final ClusterPart own;
  private final TreeMap<String, ClusterPart> others = new TreeMap<>();
  private final Map<String, Service> known = new LinkedHashMap<>();
  private final TreeMap<String, MeshService> services = new TreeMap<>();
  private final Map<String, Map<Integer, List<ServiceEndpoint>>> endpoints = new HashMap<>();
  private final Map<String, TreeMap<Integer, InboundPort>> inbound = new HashMap<>();

  RegistryBuilder(
      MeshSnapshot snapshot, List<WorkloadInstance> workloads, ClusterView.All clusters) {
    this.snapshot = snapshot;
    this.workloads = workloads;
    this.clusters = clusters;
    List<Service> declared = snapshot.all(Service.class);
    this.own =
        new ClusterPart(
            clusters.own().id(),
            clusters.own().network(),
            declared,
            snapshot.all(EndpointSlice.class));
    declared.forEach(service -> known.put(service.host(), service));
    for (ClusterView view : clusters.neighbours()) {
      List<Service> theirs = view.declared().map(ClusterView.Declared::services).orElse(declared);
      others.put(
          view.id(),
          new ClusterPart(
              view.id(),
              view.network(),
              theirs,
              view.declared().map(ClusterView.Declared::slices).orElse(List.of())));
      theirs.forEach(service -> known.putIfAbsent(service.host(), service));
    }
    workloads.forEach(instance -> partOf(instance).add(instance));
  }

  private ClusterPart partOf(WorkloadInstance instance) {
    return own.id().isEmpty() ? own : others.getOrDefault(instance.cluster(), own);
  }

  private List<ClusterPart> parts() {
    List<ClusterPart> parts = new ArrayList<>(others.size() + 1);
    parts.add(own);
    parts.addAll(others.values());
    return parts;
  }

  ServiceRegistry build() {
    Map<String, String> virtual = VirtualAddresses.allocate(hostsWithoutAddress());
    known.values().forEach(service -> add(service, virtual));
    snapshot.all(ServiceEntry.class).forEach(entry -> add(entry, virtual));
    Map<String, List<InboundPort>> ports = new HashMap<>();
    inbound.forEach((key, byNumber) -> ports.put(key, List.copyOf(byNumber.values())));
    return new ServiceRegistry(
        services, endpoints, ports, workloads, clusters, Networks.of(snapshot, clusters));
  }

  /** Also those that have one in some of the clusters: in another it may be somebody else's. */
  private List<String> hostsWithoutAddress() {
    List<String> hosts = new ArrayList<>();
    for (Service service : known.values()) {
      if (parts().stream().anyMatch(part -> lacksAddress(part, service))) {
        hosts.add(service.host());
      }
    }
    for (ServiceEntry entry : snapshot.all(ServiceEntry.class)) {
      if (entry.addresses().isEmpty() && entry.resolution() != ServiceEntry.Resolution.NONE) {
        entry.hosts().stream().filter(host -> !host.startsWith("*")).forEach(hosts::add);
      }
    }
    return hosts;
  }

  private static boolean lacksAddress(ClusterPart part, Service service) {
    return part.service(service.meta().qualifiedName()).flatMap(Service::clusterIp).isEmpty();
  }

  private void add(Service service, Map<String, String> virtual) {
    List<ServicePort> ports =
        service.ports().stream()
            .filter(port -> port.speaks() != PortProtocol.UDP)
            .map(port -> new ServicePort(port.port(), port.name(), port.speaks()))
            .toList();
    List<String> addresses = addresses(own, service, virtual);
    Map<String, List<String>> elsewhere = new TreeMap<>();
    for (ClusterPart part : others.values()) {
      List<String> there = addresses(part, service, virtual);
      if (!there.equals(addresses)) {
        elsewhere.put(part.id(), there);
      }
    }
    services.put(
        service.host(),
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
            service.exportTo()));
    Map<Integer, List<ServiceEndpoint>> found = new HashMap<>();
    for (Service.Port port : service.ports()) {
      if (port.speaks() != PortProtocol.UDP) {
        found.put(port.port(), endpointsOf(service, port));
      }
    }
    endpoints.put(service.host(), found);
  }

  private static List<String> addresses(
      ClusterPart part, Service service, Map<String, String> virtual) {
    Service there = part.service(service.meta().qualifiedName()).orElse(service);
    if (there.isHeadless()) {
      return List.of();
    }
    return lacksAddress(part, service)
        ? List.of(virtual.get(service.host()))
        : List.of(there.clusterIp().orElseThrow());
  }

  /**
   * Who answers in any of the clusters. A service is one in all of them (namespace sameness), and a
   * port is the one of the same name.
   */
  private List<ServiceEndpoint> endpointsOf(Service service, Service.Port port) {
    List<ServiceEndpoint> found = new ArrayList<>();
    for (ClusterPart part : parts()) {
      part.service(service.meta().qualifiedName())
          .ifPresent(there -> addEndpoints(part, there, port.name(), found));
    }
    String namespace = service.meta().namespace();
    for (WorkloadEntry entry : snapshot.in(namespace, WorkloadEntry.class)) {
      if (service.selects(entry.endpoint().labels())) {
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
            found.add(sliced(part, service, endpoint, of.number(), port.speaks()));
          }
        }
      }
    }
    return found;
  }

  /** A pod with its identity where it is known; else an address that proves nothing. */
  private ServiceEndpoint sliced(
      ClusterPart part,
      Service service,
      EndpointSlice.SliceEndpoint endpoint,
      int port,
      PortProtocol protocol) {
    String namespace = service.meta().namespace();
    String address = endpoint.addresses().getFirst();
    Optional<WorkloadInstance> pod = part.pod(namespace, endpoint.pod(), address);
    if (pod.isPresent()) {
      return reached(part, pod.get(), port, protocol, identity(service));
    }
    return new ServiceEndpoint(
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
        telemetry(service.meta().name(), namespace, Map.of(), ""));
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

  private void add(ServiceEntry entry, Map<String, String> virtual) {
    for (String host : entry.hosts()) {
      if (!services.containsKey(host)) {
        services.put(host, service(entry, host, virtual));
        Map<Integer, List<ServiceEndpoint>> found = new HashMap<>();
        for (ServiceEntry.Port port : entry.ports()) {
          found.put(port.number(), endpointsOf(entry, host, port));
        }
        endpoints.put(host, found);
      }
    }
  }

  private static MeshService service(ServiceEntry entry, String host, Map<String, String> virtual) {
    List<String> addresses = entry.addresses();
    if (addresses.isEmpty()) {
      addresses = Optional.ofNullable(virtual.get(host)).map(List::of).orElse(List.of());
    }
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
        entry.exportTo());
  }

  private List<ServiceEndpoint> endpointsOf(
      ServiceEntry entry, String host, ServiceEntry.Port port) {
    String namespace = entry.meta().namespace();
    List<ServiceEndpoint> found = new ArrayList<>();
    for (Endpoint endpoint : entry.endpoints()) {
      int number = endpoint.ports().getOrDefault(port.name(), port.targetPort());
      found.add(endpoint(endpoint, namespace, entry.meta().name(), number));
    }
    entry
        .workloadSelector()
        .ifPresent(
            selector -> {
              for (WorkloadInstance instance : in(namespace)) {
                if (selector.matches(instance.labels())) {
                  found.add(
                      reached(
                          partOf(instance),
                          instance,
                          port.targetPort(),
                          port.speaks(),
                          new ServiceIdentity(host, entry.meta().name(), namespace)));
                }
              }
              for (WorkloadEntry other : snapshot.in(namespace, WorkloadEntry.class)) {
                if (selector.matches(other.endpoint().labels())) {
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

  private List<WorkloadInstance> in(String namespace) {
    return parts().stream().flatMap(part -> part.in(namespace).stream()).toList();
  }

  /** An instance as an endpoint; the port counts as declared from now on. */
  private ServiceEndpoint reached(
      ClusterPart part,
      WorkloadInstance instance,
      int port,
      PortProtocol protocol,
      ServiceIdentity service) {
    inbound
        .computeIfAbsent(instance.key(), key -> new TreeMap<>())
        .putIfAbsent(port, new InboundPort(port, protocol, service));
    return new ServiceEndpoint(
        instance.address(),
        port,
        instance.weight(),
        instance.cluster(),
        part.networkOf(instance),
        instance.locality(),
        instance.labels(),
        instance.namespace(),
        instance.hasProxy() ? instance.serviceAccount() : "",
        instance.hasProxy() && takesTls(instance.view(), port),
        telemetry(instance.name(), instance.namespace(), instance.labels(), instance.cluster()));
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
