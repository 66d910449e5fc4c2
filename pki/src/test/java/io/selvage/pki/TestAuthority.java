package io.selvage.pki;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A throw-away root at a fixed time, for tests. */
final class TestAuthority {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final InstantSource CLOCK = InstantSource.fixed(NOW);
  static final SecureRandom RANDOM = new SecureRandom();
  static final CaProfile ISTIOD = new CaProfile.Istiod("cluster.local");
  static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");

  private TestAuthority() {}

  static CaCredentials root() throws PkiException {
    return root(ISTIOD, KeyAlgorithm.ECDSA_P256);
  }

  static CaCredentials root(CaProfile profile, KeyAlgorithm algorithm) throws PkiException {
    return CaCredentials.selfSigned(profile, algorithm, Duration.ofDays(3650), NOW, RANDOM);
  }

  static CertificateAuthority authority(CaCredentials credentials) throws PkiException {
    return new CertificateAuthority(
        credentials, ISTIOD, CertificateAuthority.Limits.DEFAULT, CLOCK, RANDOM);
  }
}
