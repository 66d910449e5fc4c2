package io.selvage.cli.mesh;

import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.state.CertificateReport;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The planes of all clusters of a mesh: CA, control plane, and the proxies of the workloads,
 * running in this process and knowing each other.
 */
public interface Planes extends AutoCloseable {

  /** Makes them; what is made is given back started, with no workload yet. */
  interface Maker {
    /** Starts the planes of {@code plan}; nothing stays behind when that fails. */
    Planes start(MeshPlan plan, MeshEvent.Listener events) throws IOException;
  }

  /** Takes a workload up: registers it, gives it an identity, stands a proxy before it. */
  void carry(CarriedWorkload workload) throws IOException;

  /** Lets a workload go: its proxy ends, and nobody is sent to it any more. */
  void drop(CarriedWorkload.Key workload);

  /** Tells every cluster which workloads are planned: they may imply services. */
  void plan(List<WorkloadSpec> workloads);

  /** Declares in a cluster what its guests need, in place of what was declared for them before. */
  void declare(String cluster, List<Resource> resources);

  /** What holds in a cluster without being in a file; empty when there is no such cluster. */
  Optional<List<ObjectNode>> implied(String cluster);

  /** Has {@code listener} run whenever the services of a cluster may have changed. */
  void onServices(Runnable listener);

  /** What is amiss now, beside refused configuration; empty when all is well. */
  List<Trouble> troubles();

  /** Of the troubles those of workloads: certificates and the way to the control plane. */
  List<Trouble> workloadTroubles();

  /**
   * Waits until every proxy has a certificate and its configuration.
   *
   * @return those that do not, with what they wait for; empty when all are ready
   */
  List<String> awaitReady(Duration limit) throws InterruptedException;

  /** The addresses of all services of a cluster with who is behind them. */
  List<ServiceAddress> services(String cluster);

  /** How the clusters stand. */
  List<MeshStatus.Cluster> clusters();

  /** The SPIFFE id of a workload. */
  String identity(CarriedWorkload workload);

  /**
   * What a proxy needs to join as the workload; its token is good for ten minutes. Whoever holds it
   * is that workload.
   */
  Invitation invite(CarriedWorkload workload);

  /**
   * What an operator's tools need to ask a cluster's control plane as Istio's do; its token is good
   * for ten minutes. Empty when there is no such cluster.
   */
  Optional<Invitation> operator(String cluster);

  /** Where the control planes' admin endpoints are. */
  List<MeshState.ControlPlane> controlPlanes();

  /** {@code ready}, or what the workload's proxy waits for. */
  String proxyState(CarriedWorkload.Key workload);

  /** What the workload shows to its peers; empty when it has no certificate yet. */
  Optional<CertificateReport> certificates(CarriedWorkload.Key workload);

  /** Has a certificate renewed now; returns once another one is in use. */
  void rotateCertificate(CarriedWorkload.Key workload) throws IOException, InterruptedException;

  /** Takes a cluster's CA to a new root; one line for each step that was made. */
  List<String> rotateRoot(String cluster) throws IOException, InterruptedException;

  /** Why the request with this id was denied; empty when it is not remembered. */
  Optional<DenialReport> why(String requestId);

  /** The latest denials of all proxies, newest first. */
  List<DenialReport> denials(int count);

  @Override
  void close();
}
