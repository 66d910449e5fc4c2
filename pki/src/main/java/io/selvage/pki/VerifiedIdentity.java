package io.selvage.pki;

import java.security.cert.X509Certificate;
import java.time.Instant;

/** A peer whose certificates hold: only {@link PeerVerifier} makes one. */
public final class VerifiedIdentity implements PeerVerification {
  private final SpiffeId spiffeId;
  private final CertificateChain chain;
  private final String sha256Hex;
  private final Instant validFrom;
  private final Instant validUntil;

  VerifiedIdentity(
      SpiffeId spiffeId, CertificateChain chain, Instant validFrom, Instant validUntil) {
    this.spiffeId = spiffeId;
    this.chain = chain;
    this.sha256Hex = chain.sha256Hex();
    this.validFrom = validFrom;
    this.validUntil = validUntil;
  }

  public SpiffeId spiffeId() {
    return spiffeId;
  }

  public X509Certificate leaf() {
    return chain.leaf();
  }

  /** What the peer sent, leaf first. */
  public CertificateChain chain() {
    return chain;
  }

  /** SHA-256 of the leaf's DER, as in the {@code Hash} of X-Forwarded-Client-Cert. */
  public String sha256Hex() {
    return sha256Hex;
  }

  /** The leaf's subject as RFC 2253 text; empty for most workloads. */
  public String subject() {
    return leaf().getSubjectX500Principal().getName();
  }

  /** The earliest end of validity along the chain, root included. */
  public Instant validUntil() {
    return validUntil;
  }

  boolean holdsAt(Instant now) {
    return !now.isBefore(validFrom) && !now.isAfter(validUntil);
  }

  @Override
  public String toString() {
    return "VerifiedIdentity[" + spiffeId + ", sha256=" + sha256Hex + "]";
  }
}
