package io.selvage.cli.mesh;

import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.pki.TrustBundle;
import java.util.List;

/** One cluster's control plane, as far as the mesh on this machine needs it. */
public interface ClusterControl extends AutoCloseable {

  /** Where running workloads are registered. */
  Workloads workloads();

  /** What is declared now. */
  MeshSnapshot snapshot();

  /** What is declared, joined with who runs where. */
  ServiceRegistry services();

  /** Sets the roots that the cluster's proxies are told to trust. */
  void trust(TrustBundle roots);

  /** Refusals by proxies, one line each; empty when all took what they were told. */
  List<String> refusals();

  @Override
  void close();
}
