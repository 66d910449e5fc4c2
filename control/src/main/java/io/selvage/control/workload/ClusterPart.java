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
  private final Map<String, NamespacePods> pods = new HashMap<>();

  /**
   * A part.
   *
   * @param workloads its own, by namespace
   * @param last its workloads in an earlier joining, which are taken where they are the same
   */
  ClusterPart(
      String id,
      String network,
      List<Service> services,
      List<EndpointSlice> slices,
      Map<String, List<WorkloadInstance>> workloads,
      Map<String, NamespacePods> last) {
    this.id = id;
    this.network = network;
    services.stream()
        .filter(service -> service.externalName().isEmpty())
        .forEach(service -> this.services.put(service.meta().qualifiedName(), service));
    for (EndpointSlice slice : slices) {
      this.slices
          .computeIfAbsent(slice.meta().namespace() + "/" + slice.service(), s -> new ArrayList<>())
          .add(slice);
    }
    workloads.forEach(
        (namespace, all) -> {
          NamespacePods before = last.getOrDefault(namespace, NamespacePods.NONE);
          pods.put(namespace, before.all().equals(all) ? before : new NamespacePods(all));
        });
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

  /** Its own declaration of a service; none where that is no more than another's name. */
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
        .map(label -> pods(service.meta().namespace()).with(label.getKey(), label.getValue()))
        .orElse(List.of());
  }

  List<WorkloadInstance> in(String namespace) {
    return pods(namespace).all();
  }

  /** The workloads of a namespace: the same object as before when nothing of them changed. */
  NamespacePods pods(String namespace) {
    return pods.getOrDefault(namespace, NamespacePods.NONE);
  }

  /** All of them by namespace. */
  Map<String, NamespacePods> pods() {
    return pods;
  }

  /**
   * The Pod that a slice names, if it is known and {@linkplain NamespacePods#at has} that address.
   */
  Optional<WorkloadInstance> pod(String namespace, String name, String address) {
    return pods(namespace).at(name, address);
  }
}
