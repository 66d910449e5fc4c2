package io.selvage.control.kubernetes.identity;

import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.model.MeshConfig;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trust domain after which workloads are named by now. In a cluster it is a name that the
 * mesh's settings give, and no part of what a token proves, so it may change while the authority
 * runs.
 */
public final class TrustDomainNow implements Supplier<String> {
  private static final Logger LOG = LoggerFactory.getLogger(TrustDomainNow.class);

  /** As a verifier refuses the certificate of a trust domain that it does not know. */
  private static final String FOREIGN = "SLV1009";

  private final String atStart;
  private volatile String now;
  private volatile List<String> accepted;

  /**
   * @param atStart what authenticators were made with
   */
  public TrustDomainNow(String atStart) {
    this.atStart = atStart;
    this.now = atStart;
    this.accepted = List.of(atStart);
  }

  @Override
  public String get() {
    return now;
  }

  /** All that are accepted by now, that of {@link #get} first. */
  public List<String> accepted() {
    return accepted;
  }

  /** From now on, workloads are named as those settings say, and their aliases are accepted. */
  public void follow(MeshConfig mesh, CertificateAuthorityService authority) {
    try {
      authority.accept(mesh.trustDomains());
      now = mesh.trustDomain();
      accepted = List.copyOf(mesh.trustDomains());
    } catch (PkiException e) {
      LOG.error(
          "{} the trust domain {} is not taken up: {}",
          e.code(),
          mesh.trustDomain(),
          e.getMessage());
    }
  }

  /** Names callers of the trust domain at the start after that of now; others are left. */
  public Authenticator over(Authenticator tokens) {
    return new Renaming(tokens);
  }

  /**
   * Knows callers by certificates of the trust domain of now alone: a certificate of an alias is
   * good for a connection, but is renewed under its former name by nobody.
   */
  public Authenticator only(Authenticator certificates) {
    return new Narrowing(certificates);
  }

  private final class Narrowing implements Authenticator {
    private final Authenticator certificates;

    private Narrowing(Authenticator certificates) {
      this.certificates = certificates;
    }

    @Override
    public String name() {
      return certificates.name();
    }

    @Override
    public Authentication authenticate(CallerEvidence evidence) {
      Authentication outcome = certificates.authenticate(evidence);
      return outcome instanceof Authenticated known && !known.id().trustDomain().equals(now)
          ? new Refused(
              FOREIGN, "the certificate is of the trust domain " + known.id().trustDomain())
          : outcome;
    }
  }

  private final class Renaming implements Authenticator {
    private final Authenticator tokens;

    private Renaming(Authenticator tokens) {
      this.tokens = tokens;
    }

    @Override
    public String name() {
      return tokens.name();
    }

    @Override
    public Authentication authenticate(CallerEvidence evidence) {
      return switch (tokens.authenticate(evidence)) {
        case Refused refused -> refused;
        case Authenticated known -> new Authenticated(named(known.id()), known.by());
      };
    }

    private SpiffeId named(SpiffeId id) {
      String domain = now;
      if (!id.trustDomain().equals(atStart) || domain.equals(atStart)) {
        return id;
      }
      return SpiffeId.workload(
          domain, id.namespace().orElseThrow(), id.serviceAccount().orElseThrow());
    }
  }
}
