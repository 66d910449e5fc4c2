package io.selvage.prove.input;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PortProtocol;
import io.selvage.model.Service;
import io.selvage.model.ServiceEntry;
import io.selvage.prove.Port;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which ports of workloads services declare. As in the control plane the first service that
 * declares a port says its protocol, Services before ServiceEntries.
 */
final class ServicePorts {
  private final MeshSnapshot snapshot;

  /** By namespace and one label of their selectors, each with its place in the snapshot's order. */
  private final Map<String, Map<Map.Entry<String, String>, List<Placed>>> services =
      new HashMap<>();

  private record Placed(int order, Service service) {}

  ServicePorts(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
    int order = 0;
    for (Service service : snapshot.all(Service.class)) {
      for (Map.Entry<String, String> label : service.selector().entrySet()) {
        services
            .computeIfAbsent(service.meta().namespace(), _ -> new HashMap<>())
            .computeIfAbsent(Map.entry(label.getKey(), label.getValue()), _ -> new ArrayList<>())
            .add(new Placed(order, service));
        break; // one label is enough to find it by
      }
      order++;
    }
  }

  /** Those that select a workload, in the snapshot's order. */
  private List<Service> selecting(String namespace, Map<String, String> labels) {
    Map<Map.Entry<String, String>, List<Placed>> byLabel =
        services.getOrDefault(namespace, Map.of());
    return labels.entrySet().stream()
        .map(label -> Map.entry(label.getKey(), label.getValue()))
        .flatMap(label -> byLabel.getOrDefault(label, List.of()).stream())
        .filter(placed -> placed.service().selects(labels))
        .sorted(Comparator.comparingInt(Placed::order))
        .map(Placed::service)
        .toList();
  }

  /**
   * Those of Pods.
   *
   * @param named the Pods' own ports by name
   */
  List<Port> of(String namespace, Map<String, String> labels, Map<String, Integer> named) {
    Map<Integer, Port> ports = new TreeMap<>();
    for (Service service : selecting(namespace, labels)) {
      for (Service.Port port : service.ports()) {
        targetPort(port, named).ifPresent(number -> add(ports, number, service, port));
      }
    }
    entries(ports, namespace, labels, Map.of());
    return List.copyOf(ports.values());
  }

  /**
   * Those of a workload outside of Kubernetes, which may have its own number for a port.
   *
   * @param own its numbers, by the names of services' ports
   */
  List<Port> ofMachine(String namespace, Map<String, String> labels, Map<String, Integer> own) {
    Map<Integer, Port> ports = new TreeMap<>();
    for (Service service : selecting(namespace, labels)) {
      for (Service.Port port : service.ports()) {
        Integer written = own.get(port.name());
        int number = written == null ? port.targetPortNumber().orElse(port.port()) : written;
        add(ports, number, service, port);
      }
    }
    entries(ports, namespace, labels, own);
    return List.copyOf(ports.values());
  }

  private static void add(
      Map<Integer, Port> ports, int number, Service service, Service.Port port) {
    if (port.speaks() != PortProtocol.UDP) {
      String host = service.meta().name() + "." + service.meta().namespace();
      ports.putIfAbsent(
          number, new Port(port.name(), number, port.speaks(), Optional.of(host), port.port()));
    }
  }

  private void entries(
      Map<Integer, Port> ports,
      String namespace,
      Map<String, String> labels,
      Map<String, Integer> own) {
    for (ServiceEntry entry : snapshot.in(namespace, ServiceEntry.class)) {
      if (entry.workloadSelector().filter(selector -> selector.matches(labels)).isEmpty()) {
        continue;
      }
      Optional<String> host =
          entry.hosts().stream().filter(name -> !name.startsWith("*")).findFirst();
      for (ServiceEntry.Port port : entry.ports()) {
        if (port.speaks() != PortProtocol.UDP) {
          int number = own.getOrDefault(port.name(), port.targetPort());
          ports.putIfAbsent(
              number, new Port(port.name(), number, port.speaks(), host, port.number()));
        }
      }
    }
  }

  private static Optional<Integer> targetPort(Service.Port port, Map<String, Integer> named) {
    if (port.targetPort().isEmpty()) {
      return Optional.of(port.port());
    }
    return port.targetPortNumber().isPresent()
        ? Optional.of(port.targetPortNumber().getAsInt())
        : Optional.ofNullable(named.get(port.targetPort()));
  }
}
