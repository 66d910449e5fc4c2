package io.selvage.cli.mesh;

import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.state.CertificateReport;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Planes without proxies: everything is ready at once. */
final class FakePlanes implements Planes {

  final List<String> carried = new ArrayList<>();
  List<Resource> declared = List.of();
  int planned;
  boolean closed;

  @Override
  public void carry(CarriedWorkload workload) {
    carried.add(workload.key().toString());
  }

  @Override
  public void drop(CarriedWorkload.Key workload) {
    carried.remove(workload.toString());
  }

  @Override
  public void plan(List<WorkloadSpec> workloads) {
    planned = workloads.size();
  }

  @Override
  public void declare(String cluster, List<Resource> resources) {
    declared = List.copyOf(resources);
  }

  @Override
  public Optional<List<ObjectNode>> implied(String cluster) {
    return Optional.empty();
  }

  @Override
  public void onServices(Runnable listener) {}

  @Override
  public List<Trouble> troubles() {
    return List.of();
  }

  @Override
  public List<Trouble> workloadTroubles() {
    return List.of();
  }

  @Override
  public List<String> awaitReady(Duration limit) {
    return List.of();
  }

  @Override
  public List<ServiceAddress> services(String cluster) {
    return List.of();
  }

  @Override
  public List<MeshStatus.Cluster> clusters() {
    return List.of();
  }

  @Override
  public String identity(CarriedWorkload workload) {
    return "spiffe://test/ns/n/sa/s";
  }

  @Override
  public Invitation invite(CarriedWorkload workload) {
    return new Invitation(
        "127.0.0.1:1",
        "127.0.0.1:2",
        "istiod.istio-system.svc",
        "roots",
        "token",
        workload.nodeId(),
        workload.nodeCluster(),
        workload.nodeMetadata());
  }

  @Override
  public Optional<Invitation> operator(String cluster) {
    return Optional.empty();
  }

  @Override
  public List<MeshState.ControlPlane> controlPlanes() {
    return List.of();
  }

  @Override
  public String proxyState(CarriedWorkload.Key workload) {
    return "ready";
  }

  @Override
  public Optional<CertificateReport> certificates(CarriedWorkload.Key workload) {
    return Optional.empty();
  }

  @Override
  public void rotateCertificate(CarriedWorkload.Key workload) {}

  @Override
  public List<String> rotateRoot(String cluster) {
    return List.of();
  }

  @Override
  public Optional<DenialReport> why(String requestId) {
    return Optional.empty();
  }

  @Override
  public List<DenialReport> denials(int count) {
    return List.of();
  }

  @Override
  public void close() {
    closed = true;
  }
}
