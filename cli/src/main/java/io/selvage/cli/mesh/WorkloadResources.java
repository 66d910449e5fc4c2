package io.selvage.cli.mesh;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ObjectMeta;
import io.selvage.model.Resource;
import io.selvage.model.Service;
import io.selvage.model.SourceLocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Services that {@code workloads.yaml} implies: a workload that names a service which no YAML
 * defines gets one, with the workload's ports and labels, in every cluster.
 */
final class WorkloadResources {

  private static final SourceLocation AT = new SourceLocation("workloads.yaml", 0, 0);

  private WorkloadResources() {}

  /** What {@code snapshot} lacks. */
  static List<Resource> missing(List<WorkloadSpec> workloads, MeshSnapshot snapshot) {
    Map<String, Resource> made = new LinkedHashMap<>();
    for (var workload : workloads) {
      for (String name : workload.services()) {
        if (snapshot.find(Service.class, workload.namespace(), name).isEmpty()) {
          made.putIfAbsent(workload.namespace() + "/" + name, service(name, workload));
        }
      }
    }
    return List.copyOf(made.values());
  }

  private static Service service(String name, WorkloadSpec workload) {
    return new Service(
        new ObjectMeta(name, workload.namespace(), Map.of(), Map.of(), Optional.empty(), AT),
        workload.ports().stream().map(WorkloadResources::port).toList(),
        workload.labels(),
        Optional.empty());
  }

  private static Service.Port port(WorkloadSpec.Port port) {
    return new Service.Port(
        port.name(), port.port(), Integer.toString(port.port()), port.protocol(), "", AT);
  }
}
