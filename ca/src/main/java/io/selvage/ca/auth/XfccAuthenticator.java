package io.selvage.ca.auth;

import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.VerifiedIdentity;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Knows callers by what a trusted gateway forwards in {@code x-forwarded-client-cert}.
 *
 * <p>A gateway is trusted by its own verified certificate, never by its address alone: an address
 * proves nothing in a network where workloads can take one. Only the header's last element counts,
 * the one that the gateway itself added, and only for the mesh's trust domain. A header of a
 * trusted gateway that names nobody is the end: the next to be asked would take the gateway's
 * client for the gateway. For the same reason a gateway must set the header on every request that
 * it forwards.
 */
public final class XfccAuthenticator implements Authenticator {
  private final Set<SpiffeId> trustedGateways;
  private final Supplier<PeerVerifier> verifier;

  public XfccAuthenticator(Set<SpiffeId> trustedGateways, Supplier<PeerVerifier> verifier) {
    this.trustedGateways = Set.copyOf(trustedGateways);
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return "XfccAuthenticator";
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    if (evidence.forwardedClientCert().isEmpty()) {
      return new Refused("SLV5014", "no x-forwarded-client-cert header");
    }
    PeerVerifier current = verifier.get();
    if (!(current.verify(evidence.peerCertificates(), PeerRole.CLIENT)
        instanceof VerifiedIdentity peer)) {
      return new Refused(
          "SLV5015", "x-forwarded-client-cert came without the certificate of a gateway");
    }
    if (!trustedGateways.contains(peer.spiffeId())) {
      return new Refused(
          "SLV5015",
          "x-forwarded-client-cert came from " + peer.spiffeId() + ", which is no trusted gateway");
    }
    return named(evidence.forwardedClientCert().get(), current.trustDomains());
  }

  private Authentication named(String header, Set<String> trustDomains) {
    try {
      List<String> uris = ForwardedClientCert.lastElement(header).uris();
      if (uris.size() != 1) {
        return new Refused(
            "SLV5014",
            "the last x-forwarded-client-cert element has " + uris.size() + " URIs, not one",
            true);
      }
      SpiffeId id = SpiffeId.parse(uris.getFirst());
      return trustDomains.contains(id.trustDomain()) && !id.path().isEmpty()
          ? new Authenticated(id, name())
          : new Refused(
              "SLV1009",
              "x-forwarded-client-cert names " + id + ", which is not of this mesh",
              true);
    } catch (PkiException | IllegalArgumentException e) {
      return new Refused(
          "SLV5014", "x-forwarded-client-cert cannot be read: " + e.getMessage(), true);
    }
  }
}
