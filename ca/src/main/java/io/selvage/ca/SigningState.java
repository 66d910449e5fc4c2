package io.selvage.ca;

import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.TrustBundle;
import java.time.InstantSource;
import java.util.Set;

/**
 * What the authority signs with and trusts at one moment; replaced as a whole.
 *
 * @param authority signs
 * @param bundle all roots that the mesh trusts now, the signing one among them
 * @param bundlePem the bundle as it is sent
 * @param verifier judges client certificates by that bundle
 */
public record SigningState(
    CertificateAuthority authority, TrustBundle bundle, String bundlePem, PeerVerifier verifier) {
  public static SigningState of(
      CertificateAuthority authority,
      TrustBundle bundle,
      Set<String> trustDomains,
      InstantSource clock) {
    TrustBundle whole = bundle.with(authority.root());
    return new SigningState(
        authority, whole, whole.pem(), new PeerVerifier(whole, trustDomains, clock));
  }
}
