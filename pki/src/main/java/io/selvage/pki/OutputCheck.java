package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The second look at a certificate that was just signed: by the JDK's parser and path validation,
 * with no code of the library that built it.
 */
final class OutputCheck {
  private static final int URI = 6;
  private static final int DNS = 2;

  private final Set<TrustAnchor> issuer;

  /** The issuer's own chain was checked when its credentials were made. */
  OutputCheck(X509Certificate issuer) {
    this.issuer = Set.of(new TrustAnchor(issuer, null));
  }

  /** Returns the certificate that the bytes hold, if it says what was meant and nothing else. */
  X509Certificate checked(
      byte[] der,
      CertificateRequest request,
      SpiffeId id,
      List<String> dnsNames,
      Instant now,
      Instant notAfter)
      throws PkiException {
    X509Certificate leaf = Pem.certificate(der);
    try {
      require(names(leaf).equals(wanted(id, dnsNames)), "names", id);
      require(
          Arrays.equals(leaf.getPublicKey().getEncoded(), request.publicKey().getEncoded()),
          "key",
          id);
      require(leaf.getBasicConstraints() < 0, "CA flag", id);
      require(leaf.getNotAfter().toInstant().equals(notAfter), "end of validity", id);
      PKIXParameters parameters = new PKIXParameters(issuer);
      parameters.setRevocationEnabled(false);
      Signatures.speedUp(parameters);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
      return leaf;
    } catch (GeneralSecurityException e) {
      throw new PkiException(
          Reason.SIGNING_FAILED, "the certificate just signed for " + id + " does not verify", e);
    }
  }

  private static void require(boolean holds, String what, SpiffeId id) throws PkiException {
    if (!holds) {
      throw new PkiException(
          Reason.SIGNING_FAILED, "the certificate just signed for " + id + " has another " + what);
    }
  }

  private static Set<List<?>> names(X509Certificate leaf) throws GeneralSecurityException {
    Collection<List<?>> names = leaf.getSubjectAlternativeNames();
    return names == null ? Set.of() : new HashSet<>(names);
  }

  private static Set<List<?>> wanted(SpiffeId id, List<String> dnsNames) {
    List<List<?>> wanted = new ArrayList<>();
    wanted.add(List.of(URI, id.toString()));
    dnsNames.forEach(name -> wanted.add(List.of(DNS, name)));
    return new HashSet<>(wanted);
  }
}
