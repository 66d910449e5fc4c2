package io.selvage.cli.mesh;

import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.cli.state.DenialReport;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.util.List;
import java.util.Optional;

/**
 * A proxy that the user starts, such as Envoy beside {@code selvage agent}. Its key and its
 * certificate are its agent's; the mesh knows only whether it is connected, and waits for nothing.
 */
record ExternalSidecar(CarriedWorkload workload, ClusterControl control) implements Sidecar {

  @Override
  public Optional<WorkloadCertificate> certificate() {
    return Optional.empty();
  }

  @Override
  public TrustBundle trusted() {
    return TrustBundle.empty();
  }

  @Override
  public Optional<RenewalTrouble> trouble() {
    return Optional.empty();
  }

  @Override
  public Optional<String> waitsFor() {
    return Optional.empty();
  }

  @Override
  public String state() {
    return connected()
        ? "external, connected"
        : "external, not connected: selvage agent " + workload.spec().name() + " -- envoy";
  }

  @Override
  public void renew() {
    // its agent renews, and learns of new roots from the control plane
  }

  @Override
  public boolean connected() {
    return control.connected(workload.nodeId());
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
    // it is not ours to end
  }
}
