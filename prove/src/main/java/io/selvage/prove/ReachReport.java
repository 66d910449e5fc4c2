package io.selvage.prove;

import java.util.List;
import java.util.Optional;

/**
 * Who can talk to whom.
 *
 * @param assumes what the answer rests on, in sentences
 */
public record ReachReport(
    List<Reach> reaches, List<Inconclusive> inconclusive, List<String> assumes, Effort effort) {
  public ReachReport {
    reaches = List.copyOf(reaches);
    inconclusive = List.copyOf(inconclusive);
    assumes = List.copyOf(assumes);
  }

  /**
   * What is allowed at one place.
   *
   * @param rows empty: nothing is allowed
   * @param moreRows whether there are more than those
   * @param witness the cheapest request that is allowed
   */
  public record Reach(Place place, List<Row> rows, boolean moreRows, Optional<Witness> witness) {
    public Reach {
      rows = List.copyOf(rows);
    }
  }
}
