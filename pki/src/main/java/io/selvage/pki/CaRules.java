package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** What must hold for certificates that a mesh signs with; each refusal says which and why. */
final class CaRules {
  private static final int KEY_CERT_SIGN = 5;

  private CaRules() {}

  static void check(PrivateKey key, List<X509Certificate> issuerToRoot, Instant now)
      throws PkiException {
    if (issuerToRoot.isEmpty()) {
      throw new PkiException(Reason.BROKEN_CHAIN, "no CA certificate");
    }
    for (X509Certificate certificate : issuerToRoot) {
      checkAuthority(certificate, now);
    }
    if (!Signatures.belongTogether(key, issuerToRoot.getFirst().getPublicKey())) {
      throw new PkiException(
          Reason.KEY_MISMATCH,
          "the CA key does not belong to the CA certificate " + shown(issuerToRoot.getFirst()));
    }
    for (int i = 0; i < issuerToRoot.size(); i++) {
      X509Certificate certificate = issuerToRoot.get(i);
      boolean last = i == issuerToRoot.size() - 1;
      checkSigned(certificate, last ? certificate : issuerToRoot.get(i + 1));
      checkPathLength(certificate, i);
    }
  }

  private static void checkAuthority(X509Certificate certificate, Instant now) throws PkiException {
    if (certificate.getBasicConstraints() < 0) {
      throw new PkiException(Reason.NOT_A_CA, shown(certificate) + " is not CA:TRUE");
    }
    boolean[] usage = certificate.getKeyUsage();
    if (usage != null && !usage[KEY_CERT_SIGN]) {
      throw new PkiException(
          Reason.NOT_A_CA, shown(certificate) + " has a key usage without keyCertSign");
    }
    String weakness = AlgorithmRules.problemOf(certificate);
    if (weakness != null) {
      throw new PkiException(Reason.WEAK_ALGORITHM, shown(certificate) + " has " + weakness);
    }
    Instant notAfter = certificate.getNotAfter().toInstant();
    if (now.isAfter(notAfter)) {
      throw new PkiException(
          Reason.EXPIRED,
          shown(certificate) + " expired at " + notAfter + "; the clock here is " + now);
    }
    Instant notBefore = certificate.getNotBefore().toInstant();
    if (now.isBefore(notBefore)) {
      throw new PkiException(
          Reason.EXPIRED,
          shown(certificate) + " is not valid before " + notBefore + "; the clock here is " + now);
    }
  }

  private static void checkSigned(X509Certificate certificate, X509Certificate issuer)
      throws PkiException {
    boolean self = certificate.equals(issuer);
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      throw new PkiException(
          Reason.BROKEN_CHAIN,
          self
              ? "the chain ends at "
                  + shown(certificate)
                  + ", which is no root: \""
                  + certificate.getIssuerX500Principal()
                  + "\" issued it and is missing"
              : shown(certificate)
                  + " was issued by \""
                  + certificate.getIssuerX500Principal()
                  + "\", but next in the chain is "
                  + shown(issuer));
    }
    try {
      certificate.verify(issuer.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new PkiException(
          Reason.BROKEN_CHAIN,
          shown(certificate) + " is not signed by the key of " + shown(issuer),
          e);
    }
  }

  private static void checkPathLength(X509Certificate certificate, int authoritiesBelow)
      throws PkiException {
    if (certificate.getBasicConstraints() < authoritiesBelow) {
      throw new PkiException(
          Reason.NOT_A_CA,
          shown(certificate)
              + " permits "
              + certificate.getBasicConstraints()
              + " authorities below it, not "
              + authoritiesBelow);
    }
  }

  private static String shown(X509Certificate certificate) {
    return "\""
        + certificate.getSubjectX500Principal()
        + "\" (sha256 "
        + Fingerprint.sha256Hex(certificate).substring(0, 12)
        + ")";
  }
}
