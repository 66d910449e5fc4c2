package io.selvage.control.workload;

import io.selvage.model.EndpointSlice;
import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One cluster while services are joined with workloads: its Services, who its slices say is there,
 * and its workloads. Names and addresses mean something within one cluster only: Pods of two
 * clusters may have the same of both.
 */
final class ClusterPart {
  private final String id;
  private final String network;
  private final Map<String, Service> services = new HashMap<>();
  private final Map<String, List<EndpointSlice>> slices = new HashMap<>();
  private final Map<String, List<WorkloadInstance>> byNamespace = new HashMap<>();
  private final Map<Labelled, List<WorkloadInstance>> byLabel = new HashMap<>();
  private final Map<String, WorkloadInstance> byAddress = new HashMap<>();

  private record Labelled(String namespace, String key, String value) {}

  ClusterPart(String id, String network, List<Service> services, List<EndpointSlice> slices) {
    this.id = id;
    this.network = network;
    services.forEach(service -> this.services.put(service.meta().qualifiedName(), service));
    for (EndpointSlice slice : slices) {
      this.slices
          .computeIfAbsent(slice.meta().namespace() + "/" + slice.service(), s -> new ArrayList<>())
          .add(slice);
    }
  }

  void add(WorkloadInstance instance) {
    byNamespace.computeIfAbsent(instance.namespace(), n -> new ArrayList<>()).add(instance);
    instance
        .labels()
        .forEach(
            (key, value) ->
                byLabel
                    .computeIfAbsent(
                        new Labelled(instance.namespace(), key, value), l -> new ArrayList<>())
                    .add(instance));
    byAddress.put(place(instance.namespace(), instance.name(), instance.address()), instance);
  }

  private static String place(String namespace, String name, String address) {
    return namespace + "/" + name + "@" + address;
  }

  /** The cluster's id; empty when clusters are not told apart. */
  String id() {
    return id;
  }

  /** Where an instance is reached: what its Pod says ({@code topology.istio.io/network}) first. */
  String networkOf(WorkloadInstance instance) {
    return instance.network().isEmpty() ? network : instance.network();
  }

  /** Of the addresses in its slices that are no Pods. */
  String network() {
    return network;
  }

  /** Its own declaration of a service. */
  Optional<Service> service(String qualifiedName) {
    return Optional.ofNullable(services.get(qualifiedName));
  }

  /** Its slices of a service; null where it has none, so that labels decide. */
  @Nullable List<EndpointSlice> slices(Service service) {
    return slices.get(service.meta().qualifiedName());
  }

  /** Its instances that a service of its own selects. */
  List<WorkloadInstance> selected(Service service) {
    return mayBeSelected(service).stream()
        .filter(instance -> service.selects(instance.labels()))
        .toList();
  }

  /** Those with one of the labels that it selects by: far fewer than all of a large namespace. */
  private List<WorkloadInstance> mayBeSelected(Service service) {
    return service.selector().entrySet().stream()
        .findFirst()
        .map(label -> new Labelled(service.meta().namespace(), label.getKey(), label.getValue()))
        .map(label -> byLabel.getOrDefault(label, List.of()))
        .orElse(List.of());
  }

  List<WorkloadInstance> in(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of());
  }

  /** The Pod that a slice names, if it is known and has that address. */
  Optional<WorkloadInstance> pod(String namespace, String name, String address) {
    return Optional.ofNullable(byAddress.get(place(namespace, name, address)));
  }
}
