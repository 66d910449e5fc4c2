package io.selvage.ca.roots;

import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PeerVerifier;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.pki.WorkloadCertificate;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;

/**
 * A certificate that new credentials issue to nobody, judged as a peer would judge it: so that a CA
 * whose name constraints, path length or extended key usage forbid workloads is refused before it
 * signs for one.
 */
final class TrialIssuance {
  private TrialIssuance() {}

  static void check(
      CaCredentials credentials, Settings settings, InstantSource clock, SecureRandom random)
      throws PkiException {
    CertificateAuthority authority =
        new CertificateAuthority(credentials, settings.profile(), settings.limits(), clock, random);
    WorkloadCertificate trial =
        authority.issue(
            KeyAlgorithm.DEFAULT,
            SpiffeId.workload(settings.trustDomain(), "selvage", "trial"),
            Duration.ofMinutes(1));
    PeerVerifier peer =
        new PeerVerifier(TrustBundle.of(authority.root()), Set.of(settings.trustDomain()), clock);
    for (PeerRole role : PeerRole.values()) {
      switch (peer.verify(trial.certificates(), role)) {
        case VerifiedIdentity _ -> {}
        case VerificationFailure failure ->
            throw new PkiException(
                PkiException.Reason.NOT_A_CA,
                "every peer would refuse the certificates of this CA: " + failure.message());
      }
    }
  }
}
