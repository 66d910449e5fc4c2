package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.prove.encode.Meaning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The comparison with the evaluators notices when a matcher is understood slightly wrong. */
class MutationTest {
  private static final int MOST_TREES = 2_000;
  private static final Path RECORD = Path.of("..", "docs", "prover-mutants.md");

  @Test
  void everyMutantIsNoticed() throws IOException {
    Map<String, Integer> killedAfter = new LinkedHashMap<>();
    Mutants.all().forEach((name, mutant) -> killedAfter.put(name, treesUntilNoticed(mutant)));
    assertThat(killedAfter).hasSizeGreaterThanOrEqualTo(12);
    assertThat(killedAfter).allSatisfy((name, trees) -> assertThat(trees).isLessThan(MOST_TREES));
    String record = record(killedAfter);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(RECORD, record);
    }
    assertThat(Files.readString(RECORD)).isEqualTo(record);
  }

  private static int treesUntilNoticed(Meaning mutant) {
    for (int tree = 0; tree < MOST_TREES; tree++) {
      try {
        DiagramEqualsEvaluatorTest.compare(tree, mutant, 50);
      } catch (AssertionError _) {
        return tree + 1;
      }
    }
    return MOST_TREES;
  }

  private static String record(Map<String, Integer> killedAfter) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # What the prover's tests notice

        `MutationTest` changes how the prover understands a matcher, one way at a time, and compares it with the evaluators on random policies
        and requests as `DiagramEqualsEvaluatorTest` does. A mutant is noticed when they disagree. Seeds are fixed here, so the figures are, too; the test
        holds this page to them.

        Noticed: %d of %d.

        | what is understood wrong | noticed at policy |
        |---|---:|
        """
            .formatted(killedAfter.size(), killedAfter.size()));
    killedAfter.forEach((name, trees) -> text.append("| %s | %d |\n".formatted(name, trees)));
    return text.toString();
  }
}
