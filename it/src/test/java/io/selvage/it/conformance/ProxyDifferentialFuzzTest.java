package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated policies and requests: our proxy, through sockets, decides as the reference evaluator
 * does. A short run of sets that are always the same; {@code selvage.fuzz.seconds} makes it a long
 * one of new ones.
 */
@Tag("real")
class ProxyDifferentialFuzzTest {
  private static final int SETS = 60;
  private static final int REQUESTS = 50;

  @TempDir private static Path home;

  @Test
  void ourProxyDecidesAsTheReferenceDoes() throws Exception {
    try (var opened = new Opened()) {
      var run =
          new DifferentialRun(
              List.of(
                  InProcess.reference(DifferentialRun.MINT),
                  opened.add(new SelvageSubject(home, DifferentialRun.MINT))),
              Path.of("target/fuzz"));
      long seconds = Long.getLong("selvage.fuzz.seconds", 0);
      if (seconds == 0) {
        for (long seed = 0; seed < SETS; seed++) {
          run.step(seed, REQUESTS);
        }
      } else {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (long seed = ThreadLocalRandom.current().nextLong(1L << 40);
            System.nanoTime() < end;
            seed++) {
          run.step(seed, REQUESTS);
        }
      }
      System.out.println("differential: " + run.summary());
      assertThat(run.disagreements()).isEmpty();
      assertThat(run.questions()).isPositive();
    }
  }
}
