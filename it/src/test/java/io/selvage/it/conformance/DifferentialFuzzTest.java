package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Generated policies and requests: the index decides as the reference evaluator does. */
class DifferentialFuzzTest {
  private static final int SETS = 120;
  private static final int REQUESTS = 50;

  @Test
  void theIndexDecidesAsTheReferenceDoes() throws Exception {
    try (var run =
        new DifferentialRun(
            List.of(
                InProcess.reference(DifferentialRun.MINT), InProcess.index(DifferentialRun.MINT)),
            Path.of("target/fuzz"))) {
      for (long seed = 0; seed < SETS; seed++) {
        run.step(seed, REQUESTS);
      }
      System.out.println("differential: " + run.summary());
      assertThat(run.disagreements()).isEmpty();
      assertThat(run.questions()).as("what was generated could be asked").isGreaterThan(SETS * 10L);
    }
  }
}
