package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is beyond the budget is said to be, by place, and the rest is answered. */
class BudgetTest {
  private static final Budget SMALL =
      new Budget(3_000, 5_000, Duration.ofMinutes(1), Duration.ofMinutes(1));

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
}
