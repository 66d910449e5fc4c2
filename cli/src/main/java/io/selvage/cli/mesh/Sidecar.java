package io.selvage.cli.mesh;

import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
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

  /** Asks for another certificate now. */
  void renew();

  /** Why the request with this id was answered as it was, line by line; empty when unknown. */
  Optional<List<String>> why(String requestId);

  @Override
  void close();
}
