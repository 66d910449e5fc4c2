package io.selvage.ca.auth;

import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import java.util.function.Supplier;

/** Knows callers by the certificate of their TLS connection: how workloads renew. */
public final class ClientCertificateAuthenticator implements Authenticator {
  private final Supplier<PeerVerifier> verifier;

  /**
   * @param verifier asked for at each call, so that a dropped root is dropped at once
   */
  public ClientCertificateAuthenticator(Supplier<PeerVerifier> verifier) {
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return "ClientCertAuthenticator";
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    return switch (verifier.get().verify(evidence.peerCertificates(), PeerRole.CLIENT)) {
      case VerifiedIdentity identity -> new Authenticated(identity.spiffeId(), name());
      case VerificationFailure failure -> new Refused(failure.code(), failure.message());
    };
  }
}
