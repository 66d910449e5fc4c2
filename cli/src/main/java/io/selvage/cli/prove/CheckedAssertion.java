package io.selvage.cli.prove;

import io.selvage.model.PolicyAssertions;
import io.selvage.prove.Change;
import io.selvage.prove.Inconclusive;
import io.selvage.prove.Mesh;
import io.selvage.prove.Verdict;
import java.util.List;

/**
 * What became of one demand.
 *
 * @param base what it was asked of; of {@code equivalent}, the first of the two
 * @param head the same; of {@code equivalent}, the second
 * @param places how many ports and protocols of workloads it was checked on
 * @param violations where {@code never} or {@code always} doesn't hold
 * @param changes where two meshes that should be equivalent differ
 * @param assumes what a proof rests on
 */
public record CheckedAssertion(
    PolicyAssertions.Assertion assertion,
    Status status,
    Mesh base,
    Mesh head,
    int places,
    List<Verdict.Violation> violations,
    List<Change> changes,
    List<Inconclusive> inconclusive,
    List<String> assumes) {

  public CheckedAssertion {
    violations = List.copyOf(violations);
    changes = List.copyOf(changes);
    inconclusive = List.copyOf(inconclusive);
    assumes = List.copyOf(assumes);
  }

  /** What came out. */
  public enum Status {
    /** It is proved. */
    HOLDS,
    /** A request shows that it isn't so. */
    BROKEN,
    /** It is about nothing, so nothing was proved. */
    SELECTS_NOTHING,
    /** There is no answer. */
    INCONCLUSIVE,
    /** It holds, and was agreed upon only until a day that is over. */
    EXPIRED
  }

  CheckedAssertion as(Status other) {
    return new CheckedAssertion(
        assertion, other, base, head, places, violations, changes, inconclusive, assumes);
  }
}
