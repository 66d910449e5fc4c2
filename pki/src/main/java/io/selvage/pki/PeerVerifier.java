package io.selvage.pki;

import io.selvage.pki.VerificationFailure.Reason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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

  private static final int MAX_BYTES = 64 * 1024;

  private final TrustBundle bundle;
  private final Map<String, TrustBundle> byTrustDomain;
  private final InstantSource clock;
  private final KnownPeers known = new KnownPeers();

  private PeerVerifier(
      TrustBundle bundle, Map<String, TrustBundle> byTrustDomain, InstantSource clock) {
    this.bundle = bundle;
    this.byTrustDomain = Map.copyOf(byTrustDomain);
    this.clock = clock;
  }

  /**
   * @param bundle the roots that may vouch for a peer of any of the trust domains
   * @param trustDomains the trust domains whose identities are accepted: the mesh's own and its
   *     aliases
   */
  public PeerVerifier(TrustBundle bundle, Set<String> trustDomains, InstantSource clock) {
    this(bundle, trustDomains.stream().collect(Collectors.toMap(td -> td, td -> bundle)), clock);
  }

  /**
   * A verifier with a bundle for each trust domain. SPIFFE Trust Domain and Bundle 4: a bundle
   * holds the keys "authoritative for a given trust domain", so the roots of one never vouch for
   * another.
   */
  public static PeerVerifier federated(
      Map<String, TrustBundle> byTrustDomain, InstantSource clock) {
    TrustBundle all = TrustBundle.empty();
    for (TrustBundle one : byTrustDomain.values()) {
      all = all.withAll(one.roots());
    }
    return new PeerVerifier(all, byTrustDomain, clock);
  }

  /** All roots, of whichever trust domain. */
  public TrustBundle bundle() {
    return bundle;
  }

  public Set<String> trustDomains() {
    return byTrustDomain.keySet();
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
    int bytes = chain.stream().mapToInt(certificate -> Pem.der(certificate).length).sum();
    if (bytes > MAX_BYTES) {
      return new VerificationFailure(
          Reason.MALFORMED,
          "the peer sent certificates of " + bytes + " bytes; at most " + MAX_BYTES);
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
      SpiffeId id = SvidRules.check(chain.leaf(), role, now);
      TrustBundle authoritative = byTrustDomain.get(id.trustDomain());
      if (authoritative == null) {
        return new VerificationFailure(
            Reason.FOREIGN_TRUST_DOMAIN,
            "the peer is "
                + id
                + "; accepted here are the trust domains "
                + trustDomains().stream().sorted().toList());
      }
      IssuerPath path = IssuerPath.from(chain, authoritative, now);
      SvidRules.checkIssuers(path, role, now);
      return PathValidation.validate(path, authoritative, chain, id, now);
    } catch (SvidRules.Broken e) {
      return e.failure();
    } catch (RuntimeException | StackOverflowError e) {
      // Structures nested without end exhaust a parser's stack; that is the peer's fault, not ours.
      return new VerificationFailure(
          Reason.MALFORMED, "the peer's certificate cannot be read: " + e);
    }
  }
}
