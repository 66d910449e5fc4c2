package io.selvage.control.trust;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;

/** Makes roots for tests. */
public final class FreshRoot {
  private FreshRoot() {}

  /** A bundle with a root that no one has seen before. */
  public static TrustBundle bundle() {
    try {
      return TrustBundle.of(
          CaCredentials.selfSigned(
                  new CaProfile.Istiod("cluster.local"),
                  KeyAlgorithm.DEFAULT,
                  Duration.ofDays(365),
                  Instant.parse("2026-01-01T00:00:00Z"),
                  new SecureRandom())
              .root());
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }
}
