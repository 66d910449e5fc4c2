package io.selvage.cli.mesh;

import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.workloads.WorkloadSpec;
import java.util.Optional;

/**
 * A workload with the place that it was given.
 *
 * @param address at which other workloads reach it
 * @param place its network namespace; empty without namespaces
 */
public record CarriedWorkload(
    WorkloadSpec spec, String address, Optional<WorkloadNamespace> place) {

  /** What tells it apart in a mesh. */
  public Key key() {
    return new Key(spec.cluster(), spec.namespace(), spec.name());
  }

  /** Cluster, namespace and name. */
  public record Key(String cluster, String namespace, String name) {
    @Override
    public String toString() {
      return cluster + "/" + namespace + "/" + name;
    }
  }
}
