package io.selvage.control.kubernetes.source;

import io.selvage.model.Problem;
import io.selvage.model.Problem.Severity;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the control plane thinks of an object, as its status condition {@code Accepted} says it.
 *
 * @param accepted whether it is in force as it is written
 * @param reason one word
 * @param message what is wrong with it, in the parser's words; empty when nothing is
 */
record Verdict(boolean accepted, String reason, String message) {
  /** The condition's type. */
  static final String TYPE = "Accepted";

  private static final int LONGEST = 4096;

  /**
   * Judges.
   *
   * @param kept an earlier version is in force instead
   * @param denies what it may protect is denied instead
   */
  static Verdict of(boolean refused, boolean kept, boolean denies, List<Problem> problems) {
    String told =
        problems.stream()
            .filter(problem -> refused ? problem.isError() : isWorthTelling(problem))
            .map(ProblemWords::of)
            .collect(Collectors.joining("; "));
    String text = told.length() > LONGEST ? told.substring(0, LONGEST) + "…" : told;
    if (!refused) {
      return new Verdict(true, "Accepted", text);
    }
    String instead =
        kept
            ? "its last good version stays in force"
            : denies
                ? "nothing is known to be in force instead of it, so what it may protect is denied"
                : "nothing is in force instead of it";
    return new Verdict(false, "Invalid", text + "; " + instead);
  }

  /** Of an object that was in force here and is meant for another control plane now. */
  static Verdict elsewhere(Problem why) {
    return new Verdict(false, "OtherRevision", ProblemWords.of(why));
  }

  private static boolean isWorthTelling(Problem problem) {
    return problem.severity() != Severity.NOTICE;
  }
}
