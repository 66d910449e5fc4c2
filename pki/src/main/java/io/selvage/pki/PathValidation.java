package io.selvage.pki;

import io.selvage.pki.VerificationFailure.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * RFC 5280 6.1 by the JDK, over a path that was picked already.
 *
 * <p>A root with constraints is validated as a part of the path, by its own key: so its path length
 * and name constraints hold, which the JDK leaves aside for a trust anchor, unlike OpenSSL and Go.
 * A trusted certificate that did not sign itself does not hold that way, and so is refused when it
 * has constraints.
 */
final class PathValidation {
  private static final String NAME_CONSTRAINTS = "2.5.29.30";
  private static final Set<String> PLAIN =
      Set.of("2.5.29.19", "2.5.29.15", "2.5.29.37"); // basic constraints, key usage, extended

  private PathValidation() {}

  static PeerVerification validate(
      IssuerPath path, TrustBundle bundle, CertificateChain sent, SpiffeId id, Instant now) {
    X509Certificate root = path.root();
    if (root == null) {
      return leadsNowhere(path, bundle);
    }
    if (bundle.contains(sent.leaf())) {
      return new VerificationFailure(Reason.UNTRUSTED, "the peer shows a root as its own");
    }
    List<X509Certificate> validated = new ArrayList<>(path.certificates());
    TrustAnchor anchor = new TrustAnchor(root, null);
    if (isConstrained(root)) {
      validated.add(root);
      anchor = new TrustAnchor(root.getSubjectX500Principal(), root.getPublicKey(), null);
    }
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
      parameters.setRevocationEnabled(false);
      Signatures.speedUp(parameters);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509").generateCertPath(validated), parameters);
      return held(sent, id, path.certificates(), root);
    } catch (CertPathValidatorException e) {
      return refused(e, path, bundle, validated, now);
    } catch (GeneralSecurityException e) {
      return new VerificationFailure(
          Reason.MALFORMED, "the peer's chain cannot be read: " + e.getMessage());
    }
  }

  private static VerifiedIdentity held(
      CertificateChain sent, SpiffeId id, List<X509Certificate> path, X509Certificate root) {
    Instant from = root.getNotBefore().toInstant();
    Instant until = root.getNotAfter().toInstant();
    for (X509Certificate certificate : path) {
      Instant notBefore = certificate.getNotBefore().toInstant();
      Instant notAfter = certificate.getNotAfter().toInstant();
      from = notBefore.isAfter(from) ? notBefore : from;
      until = notAfter.isBefore(until) ? notAfter : until;
    }
    return new VerifiedIdentity(id, sent, from, until);
  }

  /** Whether a root restricts what is below it, or says something critical that is not known. */
  private static boolean isConstrained(X509Certificate root) {
    Set<String> critical = root.getCriticalExtensionOIDs();
    return root.getBasicConstraints() != Integer.MAX_VALUE
        || root.getExtensionValue(NAME_CONSTRAINTS) != null
        || (critical != null && !PLAIN.containsAll(critical));
  }

  private static VerificationFailure refused(
      CertPathValidatorException e,
      IssuerPath path,
      TrustBundle bundle,
      List<X509Certificate> validated,
      Instant now) {
    int index = Math.clamp(e.getIndex(), 0, validated.size() - 1);
    X509Certificate at = validated.get(index);
    boolean last = index == path.certificates().size() - 1;
    if (e.getReason() == PKIXReason.NO_TRUST_ANCHOR
        || (e.getReason() == BasicReason.INVALID_SIGNATURE && last)) {
      return leadsNowhere(new IssuerPath(path.certificates(), null, true), bundle);
    }
    if (e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID) {
      return SvidRules.outsideValidity("the issuer " + shown(at), at, now);
    }
    if (e.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
      return new VerificationFailure(
          Reason.WEAK_ALGORITHM, "the peer's chain uses " + e.getMessage());
    }
    return new VerificationFailure(
        Reason.UNTRUSTED, "the peer's chain does not hold at " + shown(at) + ": " + e.getMessage());
  }

  private static VerificationFailure leadsNowhere(IssuerPath path, TrustBundle bundle) {
    String trusted =
        bundle.isEmpty()
            ? "the trust bundle is empty"
            : "the trust bundle "
                + bundle.fingerprints().stream().map(f -> f.substring(0, 12)).toList()
                + (path.namesake()
                    ? " holds a root of that name, but with another key"
                    : " holds no root of that name");
    return new VerificationFailure(
        Reason.UNTRUSTED,
        "the peer's chain, last issued by \""
            + path.certificates().getLast().getIssuerX500Principal()
            + "\", does not lead to a trusted root: "
            + trusted);
  }

  private static String shown(X509Certificate certificate) {
    return "\"" + certificate.getSubjectX500Principal() + "\"";
  }
}
