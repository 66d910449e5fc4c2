package io.selvage.cli.mesh;

import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.cli.state.DenialReport;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.util.List;
import java.util.Optional;

/** The proxy before one workload, as far as the mesh on this machine needs it. */
public interface Sidecar extends AutoCloseable {

  /** The certificate that it shows now. */
  Optional<WorkloadCertificate> certificate();

  /** The roots that it trusts now. */
  TrustBundle trusted();

  /** Why there is no newer certificate. */
  Optional<RenewalTrouble> trouble();

  /** What it waits for, such as {@code a certificate}; empty when it serves. */
  Optional<String> waitsFor();

  /** How it stands, in words. */
  default String state() {
    return waitsFor().map(what -> "waits for " + what).orElse("ready");
  }

  /** Asks for another certificate now. */
  void renew();

  /** Whether it hears from its control plane; without it, it goes on with what it was told last. */
  boolean connected();

  /** Why the request with this id was denied; empty when this proxy remembers no such denial. */
  Optional<DenialReport> why(String requestId);

  /** Its latest denials, newest first. */
  List<DenialReport> denials(int count);

  @Override
  void close();
}
