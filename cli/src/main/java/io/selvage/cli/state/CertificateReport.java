package io.selvage.cli.state;

import java.time.Instant;
import java.util.List;

/**
 * What a workload shows to its peers: the answer to {@code selvage certs}.
 *
 * @param chain leaf first
 * @param roots what it trusts
 * @param trouble why the certificate is not renewed; empty when all is well
 */
public record CertificateReport(
    String apiVersion,
    String workload,
    String spiffeId,
    List<Certificate> chain,
    List<Certificate> roots,
    String trouble) {

  public CertificateReport {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /**
   * One certificate.
   *
   * @param sha256 fingerprint, lower-case hex, as {@code Hash=} in X-Forwarded-Client-Cert
   */
  public record Certificate(
      String subject,
      String issuer,
      String serial,
      String sha256,
      Instant notBefore,
      Instant notAfter) {}
}
