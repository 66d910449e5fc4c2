package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Signs workload certificates: the pure signer behind both CA protocols, without state or I/O.
 *
 * <p>The names of a certificate come from the {@link SpiffeId} that the caller authenticated, never
 * from the request. What was signed is parsed and verified by the JDK, not by the library that
 * built it, before it is handed out.
 */
public final class CertificateAuthority {
  private final CaCredentials credentials;
  private final Limits limits;
  private final InstantSource clock;
  private final SecureRandom random;
  private final LeafTemplate template;
  private final OutputCheck outputCheck;
  private final PrivateKey signingKey;
  private final KeyAlgorithm signingAlgorithm;

  /**
   * The lifetimes that an authority grants.
   *
   * @param defaultTtl for a request that names none
   * @param maxTtl above which a request is refused
   */
  public record Limits(Duration defaultTtl, Duration maxTtl) {
    /** Istio's: 24 hours unless asked, 90 days at most. */
    public static final Limits DEFAULT = new Limits(Duration.ofHours(24), Duration.ofDays(90));
  }

  public CertificateAuthority(
      CaCredentials credentials,
      CaProfile profile,
      Limits limits,
      InstantSource clock,
      SecureRandom random)
      throws PkiException {
    this.credentials = credentials;
    this.limits = limits;
    this.clock = clock;
    this.random = random;
    this.template = LeafTemplate.of(credentials, profile);
    this.signingKey = Signatures.prepared(credentials.key());
    this.signingAlgorithm = credentials.algorithm();
    this.outputCheck = new OutputCheck(credentials.issuer());
  }

  /**
   * Certifies the key of a request.
   *
   * @param ttl zero or negative for the default
   * @return leaf first, then the intermediates, without the root
   */
  public CertificateChain issue(CertificateRequest request, SpiffeId id, Duration ttl)
      throws PkiException {
    return issue(request, id, List.of(), ttl);
  }

  /** Makes a key here and certifies it: for this process's own listeners, and for tests. */
  public WorkloadCertificate issue(KeyAlgorithm algorithm, SpiffeId id, Duration ttl)
      throws PkiException {
    return issueServing(algorithm, id, List.of(), ttl);
  }

  /**
   * As {@link #issue(KeyAlgorithm, SpiffeId, Duration)}, with DNS names that clients connect to.
   */
  public WorkloadCertificate issueServing(
      KeyAlgorithm algorithm, SpiffeId id, List<String> dnsNames, Duration ttl)
      throws PkiException {
    KeyPair keys = algorithm.generate(random);
    return WorkloadCertificate.of(
        keys.getPrivate(), issue(CertificateRequest.create(keys), id, dnsNames, ttl));
  }

  public CaCredentials credentials() {
    return credentials;
  }

  /** The root that this authority's certificates lead to. */
  public X509Certificate root() {
    return credentials.root();
  }

  private CertificateChain issue(
      CertificateRequest request, SpiffeId id, List<String> dnsNames, Duration ttl)
      throws PkiException {
    if (id.path().isEmpty()) {
      throw new PkiException(Reason.BAD_IDENTITY, id + " names a trust domain, not a workload");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant notAfter = notAfter(ttl, now);
    Instant notBefore = now.minus(CaCredentials.CLOCK_SKEW);
    try {
      CertificateBuilding.Parts parts =
          template.fill(
              request, id, dnsNames, notBefore, notAfter, CertificateBuilding.randomSerial(random));
      byte[] der = CertificateBuilding.sign(parts, signingAlgorithm, signingKey);
      List<X509Certificate> chain = new ArrayList<>(credentials.chain().size());
      chain.add(outputCheck.checked(der, request, id, dnsNames, now, notAfter));
      chain.addAll(credentials.intermediates());
      return new CertificateChain(chain);
    } catch (GeneralSecurityException | IOException e) {
      throw new PkiException(Reason.SIGNING_FAILED, "cannot sign the certificate of " + id, e);
    }
  }

  private Instant notAfter(Duration ttl, Instant now) throws PkiException {
    if (ttl.compareTo(limits.maxTtl()) > 0) {
      throw new PkiException(
          Reason.BAD_VALIDITY,
          "requested TTL " + ttl + " is greater than the max allowed TTL " + limits.maxTtl());
    }
    Duration granted = ttl.isPositive() ? ttl : limits.defaultTtl();
    Instant issuerEnd = credentials.notAfter();
    if (!now.isBefore(issuerEnd)) {
      throw new PkiException(
          Reason.EXPIRED,
          "the CA certificate expired at " + issuerEnd + "; the clock here is " + now);
    }
    Instant wanted = now.plus(granted);
    return wanted.isBefore(issuerEnd) ? wanted : issuerEnd;
  }
}
