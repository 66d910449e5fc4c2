package io.selvage.prove;

import java.util.List;

/**
 * What a change newly allows, or newly denies, at one place.
 *
 * @param place on the head; on the base where the head has it no more
 * @param rows which requests; at most {@link Options#rows()}
 * @param moreRows whether there are more than those
 */
public record Change(
    Direction direction, Place place, List<Row> rows, boolean moreRows, Witness witness) {
  public Change {
    rows = List.copyOf(rows);
  }

  /** Which way. */
  public enum Direction {
    /** Denied on the base, allowed on the head. */
    ALLOWED,
    /** Allowed on the base, denied on the head. */
    DENIED
  }
}
