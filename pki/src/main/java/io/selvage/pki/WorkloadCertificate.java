package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What a workload proves its identity with: a private key and the chain that names it, leaf first.
 *
 * <p>The key is handed out by {@link #privateKey} and {@link #privateKeyPem} alone; nothing that
 * prints or compares touches it.
 */
public final class WorkloadCertificate {
  private final PrivateKey key;
  private final CertificateChain chain;
  private final SpiffeId spiffeId;
  private final String sha256Hex;

  private WorkloadCertificate(PrivateKey key, CertificateChain chain, SpiffeId spiffeId) {
    this.key = key;
    this.chain = chain;
    this.spiffeId = spiffeId;
    this.sha256Hex = chain.sha256Hex();
  }

  /** Joins a key and its chain; refused when they do not belong together or name no workload. */
  public static WorkloadCertificate of(PrivateKey key, CertificateChain chain) throws PkiException {
    if (!Signatures.belongTogether(key, chain.leaf().getPublicKey())) {
      throw new PkiException(
          Reason.KEY_MISMATCH,
          "the private key does not belong to the certificate with fingerprint "
              + chain.sha256Hex());
    }
    return new WorkloadCertificate(key, chain, chain.spiffeId());
  }

  /** Reads chain and key from PEM. */
  public static WorkloadCertificate parse(String chainPem, String keyPem) throws PkiException {
    return of(Pem.privateKey(keyPem), CertificateChain.parse(chainPem));
  }

  public SpiffeId spiffeId() {
    return spiffeId;
  }

  /** Leaf first. */
  public CertificateChain chain() {
    return chain;
  }

  public List<X509Certificate> certificates() {
    return chain.certificates();
  }

  public X509Certificate leaf() {
    return chain.leaf();
  }

  public Instant notBefore() {
    return chain.notBefore();
  }

  public Instant notAfter() {
    return chain.notAfter();
  }

  /** SHA-256 of the leaf's DER. */
  public String sha256Hex() {
    return sha256Hex;
  }

  public String chainPem() {
    return chain.pem();
  }

  /** The private key itself: for the TLS engine of this process. */
  public PrivateKey privateKey() {
    return key;
  }

  /** The private key as PKCS#8 PEM: for the SDS answer of this process, never for a log. */
  public String privateKeyPem() {
    return Pem.ofPrivateKey(key);
  }

  @Override
  public String toString() {
    return "WorkloadCertificate["
        + spiffeId
        + ", sha256="
        + sha256Hex
        + ", until "
        + notAfter()
        + "]";
  }
}
