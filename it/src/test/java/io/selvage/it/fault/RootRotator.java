package io.selvage.it.fault;

import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.ca.roots.FileCaStore;
import io.selvage.ca.roots.RootRotation.Distributing;
import io.selvage.ca.roots.RootRotation.Retiring;
import io.selvage.ca.roots.RootRotation.Steady;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.VerifiedIdentity;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** A process that does nothing but rotate the roots of a CA, from wherever it was left. */
final class RootRotator {
  private static final SpiffeId WORKLOAD = SpiffeId.workload("it.mesh", "sample", "sleep");

  private RootRotator() {}

  /**
   * Says what it found in the folder of the argument, {@code GENERATION ROOTS SIGNS TOKEN-KEY},
   * then rotates until it is killed, and says each generation once that is stored.
   */
  public static void main(String[] arguments) throws Exception {
    var out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    CertificateAuthorityService authority = open(Path.of(arguments[0]));
    out.println(
        "%d %d %b %s"
            .formatted(
                authority.generation(),
                authority.bundle().roots().size(),
                signs(authority),
                authority.joinTokens().exportKey().replaceAll("\\s", "")));
    while (true) {
      switch (authority.rotation()) {
        case Steady _ -> authority.beginRotation();
        case Distributing _ -> authority.switchSigning(Set.of());
        case Retiring _ -> authority.dropOldRoot(Duration.ofDays(1), Optional.of(Set.of()));
      }
      out.println(authority.generation());
    }
  }

  private static CertificateAuthorityService open(Path folder) throws Exception {
    return CertificateAuthorityService.open(
        Settings.of(new CaProfile.Istiod("it.mesh"), "it.mesh"),
        FileCaStore.open(folder, InstantSource.system()),
        InstantSource.system(),
        new SecureRandom());
  }

  private static boolean signs(CertificateAuthorityService authority) throws Exception {
    var signing = authority.signing();
    var issued = signing.authority().issue(KeyAlgorithm.DEFAULT, WORKLOAD, Duration.ofHours(1));
    return signing.verifier().verify(issued.certificates(), PeerRole.CLIENT)
        instanceof VerifiedIdentity;
  }
}
