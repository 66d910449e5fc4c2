package io.selvage.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.it.stage.Tool;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.VerifiedIdentity;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a CA keeps, under {@code kill -9} while it writes. */
@Tag("real")
class CaStateTest {
  private static final int KILLS = 15;
  private static final SpiffeId WORKLOAD = SpiffeId.workload("it.mesh", "sample", "sleep");

  @TempDir private Path parent;

  @Test
  void survivesKillsAtAnyMomentOfARotation() throws Exception {
    Path folder = parent.resolve("ca");
    CertificateAuthorityService first = RootRotator.open(folder);
    String token = first.joinTokens().exportKey();
    long generation = first.generation();
    long seed = new Random().nextLong();
    var random = new Random(seed);

    for (int kill = 1; kill <= KILLS; kill++) {
      long said = rotateAndKill(folder, random);

      CertificateAuthorityService left = RootRotator.open(folder);
      assertThat(left.generation())
          .as("kill %d, seed %d: what was said to be stored is", kill, seed)
          .isBetween(Math.max(said, generation), said + 1);
      assertThat(left.joinTokens().exportKey()).as("tokens stay good").isEqualTo(token);
      assertThat(left.bundle().roots()).hasSizeBetween(1, 2);
      var issued =
          left.signing().authority().issue(KeyAlgorithm.DEFAULT, WORKLOAD, Duration.ofHours(1));
      assertThat(left.signing().verifier().verify(issued.certificates(), PeerRole.CLIENT))
          .isInstanceOf(VerifiedIdentity.class);
      generation = left.generation();
    }
  }

  /** The last generation that the process said before it was killed. */
  private static long rotateAndKill(Path folder, Random random) throws Exception {
    Process process =
        Tool.start(Map.of(), Tool.java(List.of("-Xmx64m"), RootRotator.class, folder.toString()));
    try (BufferedReader said = process.inputReader()) {
      long last = 0;
      int lines = 1 + random.nextInt(12);
      for (int i = 0; i < lines; i++) {
        String line = said.readLine();
        assertThat(line).as("the process rotates").isNotNull();
        last = Long.parseLong(line);
      }
      LockSupport.parkNanos(random.nextInt(3_000_000));
      process.destroyForcibly().waitFor();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        last = line.matches("\\d+") ? Long.parseLong(line) : last;
      }
      return last;
    } finally {
      process.destroyForcibly();
    }
  }
}
