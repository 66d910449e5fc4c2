package io.selvage.pki;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Certificates that lead from a leaf towards a root, leaf first; the root itself need not be there.
 *
 * @param certificates one or more
 */
public record CertificateChain(List<X509Certificate> certificates) {
  public CertificateChain {
    certificates = List.copyOf(certificates);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("a chain has at least a leaf");
    }
  }

  /** Reads a chain from PEM, in the order of the text. */
  public static CertificateChain parse(String pem) throws PkiException {
    return new CertificateChain(Pem.certificates(pem));
  }

  public X509Certificate leaf() {
    return certificates.getFirst();
  }

  /** All but the leaf. */
  public List<X509Certificate> issuers() {
    return certificates.subList(1, certificates.size());
  }

  /**
   * This chain with the root at its end that signed its last certificate; the same when none of
   * {@code roots} did, or when it is there already. Istio's agents present chains in this form.
   */
  public CertificateChain endingIn(TrustBundle roots) {
    X509Certificate last = certificates.getLast();
    if (roots.contains(last)) {
      return this;
    }
    return roots.roots().stream()
        .filter(root -> signed(root, last))
        .findFirst()
        .map(
            root -> {
              List<X509Certificate> longer = new ArrayList<>(certificates);
              longer.add(root);
              return new CertificateChain(longer);
            })
        .orElse(this);
  }

  private static boolean signed(X509Certificate issuer, X509Certificate certificate) {
    return issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        && Signatures.issued(issuer, certificate);
  }

  /** The leaf's one SPIFFE ID. */
  public SpiffeId spiffeId() throws PkiException {
    return SubjectNames.of(leaf()).spiffeId();
  }

  public Instant notBefore() {
    return leaf().getNotBefore().toInstant();
  }

  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  /** SHA-256 of the leaf's DER, as in the {@code Hash} of X-Forwarded-Client-Cert. */
  public String sha256Hex() {
    return Fingerprint.sha256Hex(leaf());
  }

  public String pem() {
    return Pem.of(certificates);
  }
}
