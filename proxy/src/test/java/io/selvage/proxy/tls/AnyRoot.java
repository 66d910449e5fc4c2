package io.selvage.proxy.tls;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;

/** Roots that nobody else has. */
public final class AnyRoot {
  private AnyRoot() {}

  public static TrustBundle make() throws Exception {
    return TrustBundle.of(
        CaCredentials.selfSigned(
                new CaProfile.Istiod("cluster.local"),
                KeyAlgorithm.DEFAULT,
                Duration.ofDays(1),
                InstantSource.system().instant(),
                new SecureRandom())
            .root());
  }
}
