package io.selvage.it.conformance;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request and its one right outcome.
 *
 * @param id unique in its set; says what the case shows
 * @param differs outcomes of subjects that are known to answer something else, and why ours is
 *     right
 * @param unsaid why a subject cannot be asked
 */
record Case(
    String id,
    Request request,
    Expectation expect,
    Map<SubjectName, Difference> differs,
    Map<SubjectName, String> unsaid) {

  /**
   * What a subject answers in place of {@code expect}.
   *
   * @param why the reason, with its source
   */
  record Difference(@Nullable Expectation expect, @Nullable String why) {}

  Case {
    differs = differs == null ? Map.of() : Map.copyOf(differs);
    unsaid = unsaid == null ? Map.of() : Map.copyOf(unsaid);
  }

  /** What this subject must answer. */
  Expectation expectOf(SubjectName subject) {
    return Optional.ofNullable(differs.get(subject))
        .flatMap(difference -> Optional.ofNullable(difference.expect()))
        .orElse(expect);
  }
}
