package io.selvage.prove;

import java.util.List;
import java.util.Optional;

/**
 * Whether an assertion holds.
 *
 * @param places how many ports and protocols of workloads it was checked on
 * @param violations where it doesn't hold, by place
 * @param assumes what the answer rests on, in sentences
 */
public record Verdict(
    Assertion assertion,
    Outcome outcome,
    int places,
    List<Violation> violations,
    List<Inconclusive> inconclusive,
    List<String> assumes) {
  public Verdict {
    violations = List.copyOf(violations);
    inconclusive = List.copyOf(inconclusive);
    assumes = List.copyOf(assumes);
  }

  /** What came out. */
  public enum Outcome {
    PROVED,
    VIOLATED,
    /** It is about no workload, or about no port and protocol of one: nothing was proved. */
    SELECTS_NOTHING,
    INCONCLUSIVE
  }

  /**
   * A request in the region that is allowed (never) or denied (always), and all of its kind.
   *
   * @param note why a demand about requests is broken by a connection; empty where it isn't
   */
  public record Violation(
      Place place, List<Row> rows, boolean moreRows, Witness witness, Optional<String> note) {
    public Violation {
      rows = List.copyOf(rows);
    }
  }
}
