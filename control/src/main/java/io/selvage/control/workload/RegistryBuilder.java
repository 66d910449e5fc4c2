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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** One joining of a snapshot with the workloads; used once. */
final class RegistryBuilder {
  /** Label by which an endpoint outside of the registry says that it takes the mesh's mTLS. */
  private static final String TLS_MODE_LABEL = "security.istio.io/tlsMode";

  private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";

  private final MeshSnapshot snapshot;
  private final List<WorkloadInstance> workloads;
  private final Map<String, List<WorkloadInstance>> byNamespace = new HashMap<>();
  private final Map<Labelled, List<WorkloadInstance>> byLabel = new HashMap<>();
  private final Map<String, WorkloadInstance> byAddress = new HashMap<>();
  private final Map<String, List<EndpointSlice>> slices = new HashMap<>();
  private final TreeMap<String, MeshService> services = new TreeMap<>();
  private final Map<String, Map<Integer, List<ServiceEndpoint>>> endpoints = new HashMap<>();
  private final Map<String, TreeMap<Integer, InboundPort>> inbound = new HashMap<>();

  private record Labelled(String namespace, String key, String value) {}

  RegistryBuilder(MeshSnapshot snapshot, List<WorkloadInstance> workloads) {
    this.snapshot = snapshot;
    this.workloads = workloads;
    for (WorkloadInstance instance : workloads) {
      byNamespace.computeIfAbsent(instance.namespace(), n -> new ArrayList<>()).add(instance);
      instance
          .labels()
          .forEach(
              (key, value) ->
                  byLabel
                      .computeIfAbsent(
                          new Labelled(instance.namespace(), key, value), l -> new ArrayList<>())
                      .add(instance));
      byAddress.put(placeOf(instance.namespace(), instance.name(), instance.address()), instance);
    }
    for (EndpointSlice slice : snapshot.all(EndpointSlice.class)) {
      slices.computeIfAbsent(serviceOf(slice), s -> new ArrayList<>()).add(slice);
    }
  }

  private static String placeOf(String namespace, String name, String address) {
    return namespace + "/" + name + "@" + address;
  }

  private static String serviceOf(EndpointSlice slice) {
    return slice.meta().namespace() + "/" + slice.service();
  }

  ServiceRegistry build() {
    Map<String, String> virtual = VirtualAddresses.allocate(hostsWithoutAddress());
    snapshot.all(Service.class).forEach(service -> add(service, virtual));
    snapshot.all(ServiceEntry.class).forEach(entry -> add(entry, virtual));
    Map<String, List<InboundPort>> ports = new HashMap<>();
    inbound.forEach((key, byNumber) -> ports.put(key, List.copyOf(byNumber.values())));
    return new ServiceRegistry(services, endpoints, ports, workloads);
  }

  private List<String> hostsWithoutAddress() {
    List<String> hosts = new ArrayList<>();
    for (Service service : snapshot.all(Service.class)) {
      if (service.clusterIp().isEmpty()) {
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

  private void add(Service service, Map<String, String> virtual) {
    List<ServicePort> ports =
        service.ports().stream()
            .filter(port -> port.speaks() != PortProtocol.UDP)
            .map(port -> new ServicePort(port.port(), port.name(), port.speaks()))
            .toList();
    List<String> addresses =
        service.isHeadless()
            ? List.of()
            : List.of(service.clusterIp().orElseGet(() -> virtual.get(service.host())));
    services.put(
        service.host(),
        new MeshService(
            service.host(),
            service.meta().name(),
            service.meta().namespace(),
            Origin.SERVICE,
            addresses,
            ports,
            Resolution.STATIC,
            false,
            List.of(),
            List.of()));
    Map<Integer, List<ServiceEndpoint>> found = new HashMap<>();
    for (Service.Port port : service.ports()) {
      if (port.speaks() != PortProtocol.UDP) {
        found.put(port.port(), endpointsOf(service, port));
      }
    }
    endpoints.put(service.host(), found);
  }

  /** Those with one of the labels that it selects by: far fewer than all of a large namespace. */
  private List<WorkloadInstance> mayBeSelected(Service service) {
    return service.selector().entrySet().stream()
        .findFirst()
        .map(label -> new Labelled(service.meta().namespace(), label.getKey(), label.getValue()))
        .map(label -> byLabel.getOrDefault(label, List.of()))
        .orElse(List.of());
  }

  private List<ServiceEndpoint> endpointsOf(Service service, Service.Port port) {
    List<ServiceEndpoint> found = new ArrayList<>();
    String namespace = service.meta().namespace();
    ServiceIdentity identity = identity(service);
    for (WorkloadInstance instance : mayBeSelected(service)) {
      if (service.selects(instance.labels())) {
        targetPort(port, instance)
            .ifPresent(number -> found.add(reached(instance, number, port.speaks(), identity)));
      }
    }
    List<EndpointSlice> sliced = slices.get(service.meta().qualifiedName());
    if (sliced != null) {
      // Where a cluster says itself who is there, its word counts: who is selected and not ready
      // has its ports declared by now, and gets no traffic.
      return ordered(inSlices(service, port, sliced));
    }
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

  private List<ServiceEndpoint> inSlices(
      Service service, Service.Port port, List<EndpointSlice> sliced) {
    String namespace = service.meta().namespace();
    List<ServiceEndpoint> found = new ArrayList<>();
    for (EndpointSlice slice : sliced) {
      for (EndpointSlice.Port of : slice.ports()) {
        for (EndpointSlice.SliceEndpoint endpoint : slice.endpoints()) {
          if (endpoint.ready() && of.name().equals(port.name())) {
            found.add(sliced(service, namespace, endpoint, of.number(), port.speaks()));
          }
        }
      }
    }
    return found;
  }

  /** A pod with its identity where it is known; else an address that proves nothing. */
  private ServiceEndpoint sliced(
      Service service,
      String namespace,
      EndpointSlice.SliceEndpoint endpoint,
      int port,
      PortProtocol protocol) {
    String address = endpoint.addresses().getFirst();
    WorkloadInstance pod = byAddress.get(placeOf(namespace, endpoint.pod(), address));
    if (pod != null) {
      return reached(pod, port, protocol, identity(service));
    }
    return new ServiceEndpoint(
        address,
        port,
        1,
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
              for (WorkloadInstance instance : byNamespace.getOrDefault(namespace, List.of())) {
                if (selector.matches(instance.labels())) {
                  found.add(
                      reached(
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
      WorkloadInstance instance, int port, PortProtocol protocol, ServiceIdentity service) {
    inbound
        .computeIfAbsent(instance.key(), key -> new TreeMap<>())
        .putIfAbsent(port, new InboundPort(port, protocol, service));
    return new ServiceEndpoint(
        instance.address(),
        port,
        instance.weight(),
        instance.locality(),
        instance.labels(),
        instance.namespace(),
        instance.hasProxy() ? instance.serviceAccount() : "",
        instance.hasProxy() && takesTls(instance.view(), port),
        telemetry(instance.name(), instance.namespace(), instance.labels(), instance.cluster()));
  }

  private ServiceEndpoint endpoint(Endpoint written, String namespace, String name, int port) {
    boolean meshed = "istio".equals(written.labels().get(TLS_MODE_LABEL));
    return new ServiceEndpoint(
        written.address(),
        port,
        Math.max(1, written.weight()),
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
            Comparator.comparing(ServiceEndpoint::address).thenComparingInt(ServiceEndpoint::port))
        .distinct()
        .toList();
  }
}
