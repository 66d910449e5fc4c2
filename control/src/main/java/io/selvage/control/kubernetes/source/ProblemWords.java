package io.selvage.control.kubernetes.source;

import io.selvage.model.Problem;

/** A problem in the words that a user of the cluster reads, in a status or as an answer. */
public final class ProblemWords {
  private ProblemWords() {}

  /** Code, field, message and proposal, without the location, which is the object itself. */
  public static String of(Problem problem) {
    String field = problem.field().isEmpty() ? "" : problem.field() + ": ";
    String meant = problem.suggestion().map(word -> "; did you mean \"" + word + "\"?").orElse("");
    return problem.code() + " " + field + problem.message() + meant;
  }
}
