package io.selvage.pki;

import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.VerificationFailure.Reason;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What X509-SVID asks of a leaf beyond a valid path: one identity, and a key for this use only. */
final class SvidRules {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;

  private SvidRules() {}

  /** A rule that the leaf breaks. */
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient VerificationFailure failure;

    Broken(Reason reason, String message) {
      this(new VerificationFailure(reason, message));
    }

    Broken(VerificationFailure failure) {
      super(failure.message(), null, false, false);
      this.failure = failure;
    }

    VerificationFailure failure() {
      return failure;
    }
  }

  static SpiffeId check(X509Certificate leaf, PeerRole role, Instant now) throws Broken {
    SpiffeId id = identity(leaf);
    checkValidity(leaf, now);
    checkAlgorithms(leaf);
    checkNotAnAuthority(leaf);
    checkKeyUsage(leaf.getKeyUsage());
    checkExtendedKeyUsage(leaf, "the peer's extended key usage", role);
    return id;
  }

  /**
   * What path validation leaves open about issuers. RFC 5280 6.1 takes a root for a name and a key;
   * here its own dates and strength count too, and an issuer that is for other uses alone vouches
   * for none of ours.
   */
  static void checkIssuers(IssuerPath path, PeerRole role, Instant now) throws Broken {
    List<X509Certificate> certificates = path.certificates();
    for (X509Certificate issuer : certificates.subList(1, certificates.size())) {
      checkAlgorithms(issuer);
      checkExtendedKeyUsage(issuer, "the extended key usage of " + shown(issuer), role);
    }
    X509Certificate root = path.root();
    if (root != null) {
      if (now.isBefore(root.getNotBefore().toInstant())
          || now.isAfter(root.getNotAfter().toInstant())) {
        throw new Broken(outsideValidity("the root", root, now));
      }
      String problem = AlgorithmRules.problemOf(root.getPublicKey());
      if (problem != null) {
        throw new Broken(Reason.WEAK_ALGORITHM, "the root " + shown(root) + " has " + problem);
      }
      boolean[] usage = root.getKeyUsage();
      if (usage != null && !usage[KEY_CERT_SIGN]) {
        throw new Broken(
            Reason.UNTRUSTED, "the root " + shown(root) + " has a key usage without keyCertSign");
      }
      checkExtendedKeyUsage(root, "the extended key usage of the root " + shown(root), role);
    }
  }

  static VerificationFailure outsideValidity(
      String which, X509Certificate certificate, Instant now) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    boolean early = now.isBefore(from);
    String gap =
        early ? Duration.between(now, from) + " too early" : Duration.between(until, now) + " ago";
    return new VerificationFailure(
        early ? Reason.NOT_YET_VALID : Reason.EXPIRED,
        which
            + (early ? " is not valid before " + from : " expired at " + until)
            + " and the clock here is "
            + now
            + " ("
            + gap
            + ")");
  }

  private static SpiffeId identity(X509Certificate leaf) throws Broken {
    try {
      SpiffeId id = SubjectNames.of(leaf).spiffeId();
      if (id.path().isEmpty()) {
        throw new Broken(Reason.BAD_IDENTITY, id + " names a trust domain, not a workload");
      }
      return id;
    } catch (PkiException e) {
      boolean malformed = e.reason() == PkiException.Reason.MALFORMED;
      throw new Broken(
          malformed ? Reason.MALFORMED : Reason.BAD_IDENTITY, String.valueOf(e.getMessage()));
    }
  }

  private static void checkValidity(X509Certificate leaf, Instant now) throws Broken {
    if (now.isBefore(leaf.getNotBefore().toInstant())
        || now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new Broken(outsideValidity("the peer's certificate", leaf, now));
    }
  }

  private static void checkAlgorithms(X509Certificate certificate) throws Broken {
    String problem = AlgorithmRules.problemOf(certificate);
    if (problem != null) {
      throw new Broken(Reason.WEAK_ALGORITHM, shown(certificate) + " has " + problem);
    }
  }

  private static void checkNotAnAuthority(X509Certificate leaf) throws Broken {
    if (leaf.getBasicConstraints() >= 0) {
      throw new Broken(Reason.BAD_USAGE, "the peer shows a CA certificate as its own");
    }
  }

  /** X509-SVID 4.3: leaves must set digitalSignature, and neither keyCertSign nor cRLSign. */
  private static void checkKeyUsage(boolean @Nullable [] usage) throws Broken {
    if (usage == null || !usage[DIGITAL_SIGNATURE]) {
      throw new Broken(Reason.BAD_USAGE, "the peer's key usage lacks digitalSignature");
    }
    if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
      throw new Broken(
          Reason.BAD_USAGE, "the peer's key usage permits signing certificates or lists");
    }
  }

  /** Absent means any use (X509-SVID 4.4); present, it must name this one (CVE-2022-21657). */
  private static void checkExtendedKeyUsage(X509Certificate certificate, String what, PeerRole role)
      throws Broken {
    List<String> usages;
    try {
      usages = certificate.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      throw new Broken(Reason.MALFORMED, what + " cannot be read");
    }
    String wanted = role == PeerRole.CLIENT ? CLIENT_AUTH : SERVER_AUTH;
    if (usages != null && !usages.contains(wanted) && !usages.contains(ANY_EXTENDED_KEY_USAGE)) {
      throw new Broken(
          Reason.BAD_USAGE,
          what
              + " "
              + usages
              + " lacks "
              + (role == PeerRole.CLIENT ? "clientAuth" : "serverAuth"));
    }
  }

  private static String shown(X509Certificate certificate) {
    return "\"" + certificate.getSubjectX500Principal() + "\"";
  }
}
