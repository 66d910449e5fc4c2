package io.selvage.pki;

import io.selvage.pki.PeerVerifier.PeerRole;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A TLS stack's view of a {@link PeerVerifier}: the handshake fails with the reason in words.
 *
 * <p>The verifier is asked for at each handshake, so that a new trust bundle holds from the next
 * one on. Host names play no part: SPIFFE identities are matched by the caller.
 */
public final class PeerTrustManager extends X509ExtendedTrustManager {
  private final Supplier<PeerVerifier> verifier;

  public PeerTrustManager(Supplier<PeerVerifier> verifier) {
    this.verifier = verifier;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, PeerRole.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, PeerRole.SERVER);
  }

  /** The roots' names, which a server sends as a hint; none, so that they stay the mesh's own. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private void check(X509Certificate[] chain, PeerRole role) throws CertificateException {
    switch (verifier.get().verify(List.of(chain), role)) {
      case VerifiedIdentity identity -> {}
      case VerificationFailure failure ->
          throw new CertificateException(failure.code() + " " + failure.message());
    }
  }
}
