package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** Cases as JUnit's tests: a container for each set, a test for each case. */
final class ConformanceTests {
  private ConformanceTests() {}

  /** Asks a subject set after set, closes it, and brings the report up to date. */
  static Stream<DynamicNode> of(Subject subject, List<CaseSet> sets) throws Exception {
    List<DynamicNode> tests = new ArrayList<>();
    List<Trial> all = new ArrayList<>();
    try (subject) {
      for (CaseSet set : sets) {
        List<Trial> trials = Trial.of(subject, set);
        all.addAll(trials);
        tests.add(
            DynamicContainer.dynamicContainer(
                set.name(), trials.stream().map(ConformanceTests::test)));
      }
    }
    if (CaseSelection.isWhole()) {
      report(subject, sets, all);
    }
    return tests.stream();
  }

  /** One subject at a time: the report reads what all of them wrote. */
  private static synchronized void report(Subject subject, List<CaseSet> sets, List<Trial> trials)
      throws IOException {
    Results.write(subject.name(), trials);
    var _ = Report.write(sets);
  }

  private static DynamicTest test(Trial trial) {
    String name =
        trial.one().id() + trial.unasked().map(why -> " (not asked: " + why + ")").orElse("");
    return DynamicTest.dynamicTest(
        name,
        () -> {
          if (trial.result() == Trial.Result.WRONG) {
            fail(trial.describe());
          }
        });
  }
}
