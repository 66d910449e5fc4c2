package io.selvage.prove;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.prove.encode.Meaning;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is beyond the budget is said to be, by place, and the rest is answered. */
class BudgetTest {
  private static final Budget SMALL =
      new Budget(3_000, 5_000, 1L << 30, ofMinutes(1), ofMinutes(1));

  /** Each header of one half with its partner of the other, which comes late in the order. */
  private static String pairs(int count) {
    StringBuilder rules = new StringBuilder("  - when:\n");
    for (String half : List.of("a", "b")) {
      for (int i = 0; i < count; i++) {
        rules.append("    - {key: \"request.headers[%s%d]\", values: [y]}\n".formatted(half, i));
      }
    }
    for (int i = 0; i < count; i++) {
      rules.append(
          """
            - when:
              - {key: "request.headers[a%d]", values: [x]}
              - {key: "request.headers[b%d]", values: [x]}
          """
              .formatted(i, i));
    }
    return Fixtures.policy("pairs", "ALLOW", rules.toString());
  }

  @Test
  void aDiagramThatDoublesWithEachPairIsGivenUpByName() {
    String base = pairs(14);
    DiffReport report =
        new Prover(Options.DEFAULT.withBudget(SMALL))
            .diff(Fixtures.mesh(base), Fixtures.mesh(base.replace("a0]", "c0]")));
    assertThat(report.isEquivalent()).isFalse();
    assertThat(report.inconclusive())
        .extracting(each -> each.place() + ": " + each.reason())
        .contains("payments/ledger :8080 HTTP: it takes more than the budget of 3,000 nodes");
  }

  @Test
  void fewPairsAreAnswered() {
    String base = pairs(4);
    DiffReport report =
        new Prover(Options.DEFAULT.withBudget(SMALL))
            .diff(Fixtures.mesh(base), Fixtures.mesh(base.replace("a0]", "c0]")));
    assertThat(report.inconclusive()).isEmpty();
    assertThat(report.changes()).isNotEmpty();
  }

  @Test
  void memoryIsInTheBudgetAndLintAnswersTheRest() {
    Budget little = new Budget(1_000_000, 5_000, 4L << 20, ofMinutes(1), ofMinutes(1));
    String impossible = "  - to: [{operation: {paths: [/a], notPaths: [/a]}}]\n";
    String ofFront =
        Fixtures.policy("front", "ALLOW", impossible)
            .replace("namespace: payments", "namespace: web")
            .replace("app: ledger", "app: front");
    LintReport report =
        new Prover(Options.DEFAULT.withBudget(little))
            .lint(Fixtures.mesh(pairs(14) + Fixtures.policy("p", "DENY", impossible) + ofFront));
    assertThat(report.inconclusive())
        .extracting(each -> each.place() + ": " + each.reason())
        .contains("payments/ledger :8080 HTTP: it takes more than the budget of 4 MB of memory");
    assertThat(report.inconclusive())
        .allMatch(each -> each.place().workload().equals(Fixtures.LEDGER));
    assertThat(report.findings())
        .extracting(each -> each.kind() + " " + each.policy())
        .containsExactly("IMPOSSIBLE web/front");
  }

  @Test
  void anAutomatonIsInTheBudgetOfMemory() {
    String paths =
        IntStream.range(0, 40)
            .mapToObj("\"/{*}/a%1$d/{*}/b%1$d\""::formatted)
            .collect(Collectors.joining(", "));
    Budget little = new Budget(1_000_000, 5_000, 1L << 16, ofMinutes(1), ofMinutes(1));
    LintReport report =
        new Prover(Options.DEFAULT.withBudget(little))
            .lint(
                Fixtures.mesh(
                    Fixtures.policy(
                        "p", "ALLOW", "  - to: [{operation: {paths: [%s]}}]\n".formatted(paths))));
    assertThat(report.inconclusive())
        .extracting(Inconclusive::reason)
        .contains("it takes more than the budget of 0 MB of memory");
  }

  @Test
  void whatTheHeapHasNoRoomForIsGivenUpAndNothingElse() {
    Question question =
        new Question(Options.DEFAULT, new Meaning(), Question.Shared.fresh(), Fixtures.mesh(""));
    List<String> taken = new ArrayList<>();
    Groups.each(
        question,
        IntStream.range(0, 200).boxed().toList(),
        number -> {
          if (number == 7) {
            throw new OutOfMemoryError("as the JVM says it");
          }
          return "answer " + number;
        },
        (number, reason) -> number + ": " + reason,
        taken::add);
    List<String> expected =
        new ArrayList<>(IntStream.range(0, 200).mapToObj(each -> "answer " + each).toList());
    expected.set(7, "7: it takes more memory than there is");
    assertThat(taken).isEqualTo(expected);
  }
}
