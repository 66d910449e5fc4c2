package io.selvage.proxy.tls;

import io.selvage.pki.PeerVerification;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Who may be at the other end of a mutual TLS connection: chain and SPIFFE id by {@link
 * PeerVerifier}, then the names that the settings ask for. It is asked twice: by the handshake,
 * which fails with the reason, and by the connection afterwards, which keeps the identity.
 */
public final class PeerCheck extends X509ExtendedTrustManager {
  private final PeerVerifier verifier;
  private final List<TlsSettings.SanMatch> names;

  /**
   * @param trusted whose trust domains with roots of their own accept no others for them
   * @param ownTrustDomain of this workload; peers of the trust domains that {@code settings} name
   *     by {@code spiffe://TD/} are accepted beside it
   */
  public PeerCheck(
      Secret.Validation trusted, String ownTrustDomain, TlsSettings settings, InstantSource clock) {
    this.names = settings.peerNames();
    Set<String> accepted = trustDomains(ownTrustDomain, names);
    this.verifier =
        trusted.byTrustDomain().isEmpty()
            ? new PeerVerifier(trusted.roots(), accepted, clock)
            : PeerVerifier.federated(federated(trusted.byTrustDomain(), accepted), clock);
  }

  private static Map<String, TrustBundle> federated(
      Map<String, TrustBundle> all, Set<String> accepted) {
    Map<String, TrustBundle> some = new HashMap<>(all);
    some.keySet().retainAll(accepted);
    return some;
  }

  private static Set<String> trustDomains(String own, List<TlsSettings.SanMatch> names) {
    Set<String> domains = new HashSet<>();
    domains.add(own);
    for (TlsSettings.SanMatch name : names) {
      String text =
          switch (name.match()) {
            case StringMatch.Exact(String value, boolean _) -> value;
            case StringMatch.Prefix(String value, boolean _) -> value;
            // say nothing about one trust domain
            case StringMatch.Any _,
                StringMatch.NonEmpty _,
                StringMatch.Suffix _,
                StringMatch.Contains _,
                StringMatch.Regex _ ->
                "";
          };
      int slash = text.indexOf('/', "spiffe://".length());
      if (text.startsWith("spiffe://") && slash > 0) {
        domains.add(text.substring("spiffe://".length(), slash));
      }
    }
    return domains;
  }

  /** Who a finished handshake was made with; a failure when there was no certificate. */
  public PeerVerification identify(SSLSession session, PeerRole role) {
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : session.getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
      return judge(chain, role);
    } catch (SSLPeerUnverifiedException e) {
      return verifier.verify(List.of(), role);
    }
  }

  private PeerVerification judge(List<X509Certificate> chain, PeerRole role) {
    PeerVerification outcome = verifier.verify(chain, role);
    if (outcome instanceof VerifiedIdentity identity
        && !SubjectNameMatch.holds(names, identity.leaf())) {
      return new VerificationFailure(
          VerificationFailure.Reason.FOREIGN_TRUST_DOMAIN,
          "the peer is "
              + identity.spiffeId()
              + "; here only peers are accepted whose names match "
              + names.stream().map(name -> name.match().toString()).limit(4).toList());
    }
    return outcome;
  }

  private void check(X509Certificate[] chain, PeerRole role) throws CertificateException {
    if (judge(List.of(chain), role) instanceof VerificationFailure failure) {
      throw new CertificateException(failure.code() + " " + failure.message());
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
