package io.selvage.cli.mesh;

import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.cli.state.DenialReport;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A proxy that the user starts, such as Envoy beside {@code selvage agent}. Its key and its
 * certificate are its agent's; the mesh knows only whether it is connected, and waits for nothing.
 */
final class ExternalSidecar implements Sidecar {
  /** Istiod's, at which CA and control plane are found together. */
  private static final int DISCOVERY_PORT = 15012;

  private final CarriedWorkload workload;
  private final ClusterControl control;
  private final Optional<HostRelay> way;

  private ExternalSidecar(
      CarriedWorkload workload, ClusterControl control, Optional<HostRelay> way) {
    this.workload = workload;
    this.control = control;
    this.way = way;
  }

  /**
   * Leads 127.0.0.1:15012 of the workload's network, where it has one of its own, to control plane
   * and CA, for agents that run there.
   */
  static ExternalSidecar of(CarriedWorkload workload, ClusterControl control) throws IOException {
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    return new ExternalSidecar(
        workload,
        control,
        workload.place().isPresent()
            ? Optional.of(
                HostRelay.start(
                    workload.place().get(),
                    new InetSocketAddress(loopback, DISCOVERY_PORT),
                    new InetSocketAddress(loopback, control.port())))
            : Optional.empty());
  }

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
        ? "ready"
        : "waits for yours: selvage agent %s -- envoy".formatted(workload.spec().name());
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
    way.ifPresent(HostRelay::close);
  }
}
