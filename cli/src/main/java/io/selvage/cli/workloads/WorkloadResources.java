package io.selvage.cli.workloads;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.ObjectMeta;
import io.selvage.model.PodTemplate;
import io.selvage.model.Resource;
import io.selvage.model.Service;
import io.selvage.model.SourceLocation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code workloads.yaml} stands for in Kubernetes' words. The Services that {@code
 * workloads.yaml} implies: a service that workloads name and no YAML defines is made in every
 * cluster, with the first one's ports, and selects by the labels that all of them have.
 */
public final class WorkloadResources {

  /** Where what is implied stands. */
  public static final SourceLocation AT = new SourceLocation("workloads.yaml", 0, 0);

  private WorkloadResources() {}

  /** What {@code snapshot} lacks. */
  public static List<Resource> missing(List<WorkloadSpec> workloads, MeshSnapshot snapshot) {
    Map<List<String>, List<WorkloadSpec>> named = new LinkedHashMap<>();
    for (var workload : workloads) {
      for (String name : workload.services()) {
        if (snapshot.find(Service.class, workload.namespace(), name).isEmpty()) {
          named
              .computeIfAbsent(List.of(workload.namespace(), name), _ -> new ArrayList<>())
              .add(workload);
        }
      }
    }
    List<Resource> made = new ArrayList<>();
    named.forEach((name, behind) -> made.add(service(name.getLast(), behind)));
    return List.copyOf(made);
  }

  /** A workload as if a Pod were made for it. */
  public static PodTemplate podTemplate(WorkloadSpec spec) {
    return new PodTemplate(
        "Workload",
        spec.namespace(),
        spec.name(),
        spec.labels(),
        Map.of(),
        spec.serviceAccount(),
        spec.ports().stream().map(port -> new PodTemplate.Port(port.name(), port.port())).toList(),
        List.of(),
        false,
        false,
        List.of(),
        Optional.empty(),
        false,
        AT);
  }

  private static Service service(String name, List<WorkloadSpec> behind) {
    var first = behind.getFirst();
    return new Service(
        new ObjectMeta(name, first.namespace(), Map.of(), Map.of(), Optional.empty(), AT),
        first.ports().stream().map(WorkloadResources::port).toList(),
        WorkloadSpec.sharedLabels(behind),
        Optional.empty());
  }

  private static Service.Port port(WorkloadSpec.Port port) {
    return new Service.Port(
        port.name(), port.port(), Integer.toString(port.port()), port.protocol(), "", AT);
  }
}
