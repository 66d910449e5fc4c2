package io.selvage.pki;

import io.selvage.pki.VerificationFailure.Reason;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges the certificates that a peer shows: JDK path validation against a trust bundle, then the
 * rules of an X.509-SVID. Immutable but for a bounded memory of chains that held, so that the
 * handshakes of a known peer cost one hash; safe for any number of threads.
 *
 * <p>A new bundle or set of trust domains needs a new verifier, which remembers nothing.
 */
public final class PeerVerifier {
  /** Which end of the connection the peer is. */
  public enum PeerRole {
    /** The peer connects: its certificate must permit client authentication. */
    CLIENT,
    /** The peer listens: its certificate must permit server authentication. */
    SERVER
  }

  private static final int MAX_CHAIN = 10;

  private final TrustBundle bundle;
  private final Set<String> trustDomains;
  private final InstantSource clock;
  private final Set<TrustAnchor> anchors;
  private final KnownPeers known = new KnownPeers();

  /**
   * @param bundle the roots that may vouch for a peer
   * @param trustDomains the trust domains whose identities are accepted: the mesh's own and its
   *     aliases
   */
  public PeerVerifier(TrustBundle bundle, Set<String> trustDomains, InstantSource clock) {
    this.bundle = bundle;
    this.trustDomains = Set.copyOf(new LinkedHashSet<>(trustDomains));
    this.clock = clock;
    this.anchors =
        bundle.roots().stream()
            .map(r -> new TrustAnchor(r, null))
            .collect(Collectors.toUnmodifiableSet());
  }

  public TrustBundle bundle() {
    return bundle;
  }

  public Set<String> trustDomains() {
    return trustDomains;
  }

  /** Judges a chain, leaf first, as the peer sent it. */
  public PeerVerification verify(List<X509Certificate> chain, PeerRole role) {
    if (chain.isEmpty()) {
      return new VerificationFailure(Reason.NO_CERTIFICATE, "the peer sent no certificate");
    }
    if (chain.size() > MAX_CHAIN) {
      return new VerificationFailure(
          Reason.MALFORMED,
          "the peer sent " + chain.size() + " certificates; at most " + MAX_CHAIN);
    }
    Instant now = clock.instant();
    KnownPeers.Key key = KnownPeers.keyOf(chain, role);
    VerifiedIdentity before = known.find(key);
    if (before != null && before.holdsAt(now)) {
      return before;
    }
    PeerVerification outcome = judge(new CertificateChain(chain), role, now);
    if (outcome instanceof VerifiedIdentity identity) {
      known.remember(key, identity);
    }
    return outcome;
  }

  private PeerVerification judge(CertificateChain chain, PeerRole role, Instant now) {
    try {
      SpiffeId id = SvidRules.check(chain, role, now);
      if (!trustDomains.contains(id.trustDomain())) {
        return new VerificationFailure(
            Reason.FOREIGN_TRUST_DOMAIN,
            "the peer is " + id + "; accepted here are the trust domains " + sorted(trustDomains));
      }
      return validatePath(chain, id, now);
    } catch (SvidRules.Broken e) {
      return e.failure();
    } catch (RuntimeException e) {
      return new VerificationFailure(
          Reason.MALFORMED, "the peer's certificate cannot be read: " + e);
    }
  }

  private PeerVerification validatePath(CertificateChain chain, SpiffeId id, Instant now) {
    List<X509Certificate> path =
        chain.certificates().stream().filter(c -> !bundle.contains(c)).toList();
    if (anchors.isEmpty() || path.isEmpty() || !path.getFirst().equals(chain.leaf())) {
      return new VerificationFailure(
          Reason.UNTRUSTED,
          anchors.isEmpty() ? "the trust bundle is empty" : "the peer shows a root as its own");
    }
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      Signatures.speedUp(parameters);
      parameters.setDate(Date.from(now));
      CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
      PKIXCertPathValidatorResult result =
          (PKIXCertPathValidatorResult)
              CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
      return held(chain, id, path, result.getTrustAnchor().getTrustedCert(), now);
    } catch (CertPathValidatorException e) {
      return refused(e, path, now);
    } catch (CertificateException
        | InvalidAlgorithmParameterException
        | NoSuchAlgorithmException e) {
      return new VerificationFailure(
          Reason.MALFORMED, "the peer's chain cannot be read: " + e.getMessage());
    }
  }

  /** RFC 5280 leaves a trust anchor's own dates aside; a mesh must not live on an expired root. */
  private static PeerVerification held(
      CertificateChain chain,
      SpiffeId id,
      List<X509Certificate> path,
      X509Certificate root,
      Instant now) {
    Instant from = root.getNotBefore().toInstant();
    Instant until = root.getNotAfter().toInstant();
    if (now.isBefore(from) || now.isAfter(until)) {
      return SvidRules.outsideValidity("the root", root, now);
    }
    for (X509Certificate certificate : path) {
      Instant notBefore = certificate.getNotBefore().toInstant();
      Instant notAfter = certificate.getNotAfter().toInstant();
      from = notBefore.isAfter(from) ? notBefore : from;
      until = notAfter.isBefore(until) ? notAfter : until;
    }
    return new VerifiedIdentity(id, chain, from, until);
  }

  private VerificationFailure refused(
      CertPathValidatorException e, List<X509Certificate> path, Instant now) {
    X509Certificate at = path.get(Math.clamp(e.getIndex(), 0, path.size() - 1));
    if (e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID) {
      return SvidRules.outsideValidity("an issuer", at, now);
    }
    if (e.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
      return new VerificationFailure(
          Reason.WEAK_ALGORITHM, "the peer's chain uses " + e.getMessage());
    }
    X509Certificate last = path.getLast();
    return new VerificationFailure(
        Reason.UNTRUSTED,
        "the peer's chain, last issued by \""
            + last.getIssuerX500Principal()
            + "\", does not lead to a root of the trust bundle "
            + bundle.fingerprints().stream().map(f -> f.substring(0, 12)).toList()
            + ": "
            + e.getMessage());
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }
}
