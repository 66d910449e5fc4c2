package io.selvage.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
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
  private static final int KILLS = 20;

  @TempDir private Path parent;

  /** What a process found when it opened the state, and the last that it said was stored. */
  private record Life(long found, int roots, boolean signs, String tokenKey, long stored) {}

  @Test
  void survivesKillsAtAnyMomentOfARotation() throws Exception {
    Path folder = parent.resolve("ca");
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Life before = live(folder, random);
    for (int kill = 1; kill <= KILLS; kill++) {
      Life now = live(folder, random);

      assertThat(now.found())
          .as("kill %d, seed %d: what was said to be stored is there", kill, seed)
          .isBetween(before.stored(), before.stored() + 1);
      assertThat(now.roots()).isBetween(1, 2);
      assertThat(now.signs()).as("what is signed leads to what is trusted").isTrue();
      assertThat(now.tokenKey()).as("tokens stay good").isEqualTo(before.tokenKey());
      before = now;
    }
  }

  /** Lets a process rotate and kills it within some of its writes. */
  private static Life live(Path folder, Random random) throws Exception {
    Process process =
        Tool.start(Map.of(), Tool.java(List.of("-Xmx64m"), RootRotator.class, folder.toString()));
    try (BufferedReader said = process.inputReader()) {
      String opened = said.readLine();
      assertThat(opened).as("%s", opened == null ? errors(process) : "").isNotNull();
      String[] found = opened.split(" ", 4);
      long stored = Long.parseLong(found[0]);
      int lines = random.nextInt(12);
      for (int i = 0; i < lines; i++) {
        stored = Long.parseLong(said.readLine());
      }
      LockSupport.parkNanos(random.nextInt(3_000_000));
      process.toHandle().destroyForcibly(); // which leaves what it said to be read
      process.waitFor();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        stored = Long.parseLong(line);
      }
      return new Life(
          Long.parseLong(found[0]),
          Integer.parseInt(found[1]),
          Boolean.parseBoolean(found[2]),
          found[3],
          stored);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String errors(Process process) throws IOException {
    return new String(
        process.getErrorStream().readAllBytes(), java.nio.charset.Charset.defaultCharset());
  }
}
