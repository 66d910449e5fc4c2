package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each target with its seeds, with all that was ever found, and with a few thousand inputs made of
 * them. {@code make fuzz} looks for more, guided by coverage.
 */
class FuzzTargetsTest {
  private static final int MUTANTS = 3_000;

  @TestFactory
  Stream<DynamicTest> holdsWhateverComes() {
    return FuzzTargets.ALL.stream()
        .map(target -> DynamicTest.dynamicTest(target.name(), () -> run(target)));
  }

  private static void run(FuzzTarget target) throws IOException {
    List<byte[]> corpus = FuzzTargets.corpus(target);
    assertThat(corpus).isNotEmpty();
    corpus.forEach(input -> run(target, input));
    Mutations mutations = new Mutations(new Random(1), corpus, target.words());
    for (int i = 0; i < MUTANTS; i++) {
      run(target, mutations.next());
    }
  }

  private static void run(FuzzTarget target, byte[] input) {
    try {
      target.run(input);
    } catch (Exception | Error e) {
      throw new AssertionError(
          "%s with the input of base64 %s, which is %s"
              .formatted(
                  target.name(),
                  Base64.getEncoder().encodeToString(input),
                  new String(input, StandardCharsets.ISO_8859_1)),
          e);
    }
  }
}
