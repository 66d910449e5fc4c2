package io.selvage.ca.client;

import io.selvage.pki.WorkloadCertificate;
import java.util.Optional;

/** Where certificates come from: an authority over the network, or the one in this process. */
@FunctionalInterface
public interface CertificateSource {
  /**
   * Gets a certificate for a new key; blocks.
   *
   * @param current the certificate to renew, which may speak for the caller
   */
  IssuedCertificate request(Optional<WorkloadCertificate> current)
      throws CertificateRequestFailed, InterruptedException;
}
