package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated policies and requests: our proxy and an Envoy, through sockets, decide as the reference
 * evaluator and the index do. A short run of sets that are always the same; {@code
 * selvage.fuzz.seconds} makes it a long one of new ones.
 */
@Tag("real")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ProxyDifferentialFuzzTest {
  private static final int SETS = 60;
  private static final int REQUESTS = 50;

  @TempDir private static Path home;

  @Test
  void allDecideAlike() throws Exception {
    try (var opened = new Opened()) {
      var run =
          opened.add(
              new DifferentialRun(
                  List.of(
                      InProcess.reference(DifferentialRun.MINT),
                      InProcess.index(DifferentialRun.MINT),
                      opened.add(new SelvageSubject(folder("ours"), DifferentialRun.MINT)),
                      opened.add(new EnvoySubject(folder("envoy"), DifferentialRun.MINT))),
                  Path.of("target/fuzz")));
      long begun = System.nanoTime();
      ask(run, begun);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
      System.out.printf("differential: %s in %d s%n", run.summary(), seconds);
      assertThat(run.disagreements()).isEmpty();
      assertThat(run.questions()).isPositive();
    }
  }

  private static void ask(DifferentialRun run, long begun) throws Exception {
    long seconds = Long.getLong("selvage.fuzz.seconds", 0);
    if (seconds == 0) {
      for (long seed = 0; seed < SETS; seed++) {
        run.step(seed, REQUESTS);
      }
    } else {
      long end = begun + TimeUnit.SECONDS.toNanos(seconds);
      long first = ThreadLocalRandom.current().nextLong(1L << 40);
      for (long seed = first; System.nanoTime() < end; seed++) {
        run.step(seed, REQUESTS);
      }
    }
  }

  /** An own folder that the proxies' user may pass through. */
  private static Path folder(String name) throws IOException {
    var everybody = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(home, everybody);
    return Files.setPosixFilePermissions(Files.createDirectory(home.resolve(name)), everybody);
  }
}
