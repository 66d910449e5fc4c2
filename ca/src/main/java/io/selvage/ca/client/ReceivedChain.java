package io.selvage.ca.client;

import io.grpc.Status;
import io.selvage.pki.CertificateChain;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.pki.WorkloadCertificate;
import java.security.PrivateKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** The authority's answer, believed only when it holds together. */
final class ReceivedChain {
  private ReceivedChain() {}

  /**
   * Leaf and intermediates for the key, and roots that they lead to.
   *
   * @param chain PEM texts: leaf, intermediates, and last all roots
   */
  static IssuedCertificate checked(PrivateKey key, List<String> chain, InstantSource clock)
      throws CertificateRequestFailed {
    if (chain.size() <= 1) {
      throw refused("it has " + chain.size() + " elements, a leaf and the roots are two");
    }
    try {
      String sent = String.join("\n", chain.subList(0, chain.size() - 1));
      TrustBundle roots = TrustBundle.parse(chain.getLast());
      WorkloadCertificate certificate =
          WorkloadCertificate.of(key, CertificateChain.parse(sent).endingIn(roots));
      PeerVerifier verifier =
          new PeerVerifier(roots, Set.of(certificate.spiffeId().trustDomain()), clock);
      return switch (verifier.verify(certificate.certificates(), PeerRole.CLIENT)) {
        case VerifiedIdentity _ -> new IssuedCertificate(certificate, roots);
        case VerificationFailure failure -> throw refused(failure.message());
      };
    } catch (PkiException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  private static CertificateRequestFailed refused(String why) {
    return new CertificateRequestFailed(
        Status.Code.DATA_LOSS, "the CA's answer does not hold: " + why);
  }
}
