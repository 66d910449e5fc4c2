package io.selvage.cli.mesh;

import io.selvage.cli.state.MeshState;
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

  /** Where its admin endpoint is, and the token that this asks for. */
  MeshState.ControlPlane admin();

  /** Where the rule with this id, as denials name it, is written; empty when unknown. */
  Optional<SourceLocation> rule(String id);

  /** What is amiss beside refused configuration: refusals by proxies, keys that cannot be had. */
  List<Trouble> troubles();

  /** Whether every connected proxy has taken what it should have. */
  boolean synced();

  /** Whether a proxy with this node id is connected. */
  boolean connected(String nodeId);

  /** Has {@code listener} run after each push, on the control plane's thread: be quick. */
  void onPush(Runnable listener);

  @Override
  void close();
}
