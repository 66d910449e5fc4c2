package io.selvage.cli.mesh;

import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.SourceLocation;
import io.selvage.pki.TrustBundle;
import java.util.List;
import java.util.Optional;

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

  /** The port of ADS on 127.0.0.1. */
  int port();

  /** Where the rule with this id, as denials name it, is written; empty when unknown. */
  Optional<SourceLocation> rule(String id);

  /** Refusals by proxies, one line each; empty when all took what they were told. */
  List<String> refusals();

  @Override
  void close();
}
