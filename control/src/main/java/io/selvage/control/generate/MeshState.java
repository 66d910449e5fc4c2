package io.selvage.control.generate;

import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.pki.TrustBundle;
import java.util.List;

/**
 * All that generation looks at, at one moment; immutable.
 *
 * @param snapshot what is declared
 * @param services joined from the snapshot and the workloads
 * @param keys token keys by where they come from
 * @param roots whom the mesh trusts
 */
public record MeshState(
    MeshSnapshot snapshot, ServiceRegistry services, TokenKeys keys, TrustBundle roots) {

  /** Joins a snapshot with who runs where. */
  public static MeshState of(
      MeshSnapshot snapshot, List<WorkloadInstance> workloads, TokenKeys keys, TrustBundle roots) {
    return new MeshState(snapshot, ServiceRegistry.of(snapshot, workloads), keys, roots);
  }

  /**
   * As {@link #of}, with the services of an earlier state when nothing is different that they are
   * joined from: most changes are to policies.
   *
   * @param workloads the list itself as the earlier state had it, when nobody came or went
   */
  public static MeshState after(
      MeshState last,
      MeshSnapshot snapshot,
      List<WorkloadInstance> workloads,
      TokenKeys keys,
      TrustBundle roots) {
    return last.services().isOf(snapshot, last.snapshot(), workloads)
        ? new MeshState(snapshot, last.services(), keys, roots)
        : of(snapshot, workloads, keys, roots);
  }

  MeshConfig mesh() {
    return snapshot.meshConfig();
  }
}
