package io.selvage.control.generate;

import io.selvage.control.workload.ClusterView;
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

  /** Joins a snapshot with who runs where, all in one cluster. */
  public static MeshState of(
      MeshSnapshot snapshot, List<WorkloadInstance> workloads, TokenKeys keys, TrustBundle roots) {
    return of(snapshot, workloads, ClusterView.All.ONE, keys, roots);
  }

  /** Joins a snapshot with who runs where, in several clusters. */
  public static MeshState of(
      MeshSnapshot snapshot,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      TokenKeys keys,
      TrustBundle roots) {
    return new MeshState(snapshot, ServiceRegistry.of(snapshot, workloads, clusters), keys, roots);
  }

  MeshConfig mesh() {
    return snapshot.meshConfig();
  }
}
