package io.selvage.prove;

import java.util.List;

/**
 * What a change does. A workload that only one side has is asked of both sides' policies.
 *
 * @param changes by workload and port, what is newly allowed first
 * @param added workloads that only the head has
 * @param removed workloads that only the base has
 * @param assumes what the answer rests on, in sentences
 */
public record DiffReport(
    List<Change> changes,
    List<ProvedWorkload> added,
    List<ProvedWorkload> removed,
    List<Inconclusive> inconclusive,
    List<String> assumes,
    Effort effort) {
  public DiffReport {
    changes = List.copyOf(changes);
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    inconclusive = List.copyOf(inconclusive);
    assumes = List.copyOf(assumes);
  }

  /** Whether the two are proved to be the same. */
  public boolean isEquivalent() {
    return changes.isEmpty() && inconclusive.isEmpty();
  }
}
