package io.selvage.prove.diagram;

import java.util.HashMap;
import java.util.Map;

/** The values, one a level, that are in a set and together cost least. */
public final class CheapestPath {
  private final Diagrams diagrams;
  private final int[][] costs;
  private final int[] cheapest;
  private final Map<Integer, Step> best = new HashMap<>();

  /** The best that a node can do. */
  private record Step(long cost, int value, int next) {}

  /**
   * @param costs of each value of each level, not negative
   */
  public CheapestPath(Diagrams diagrams, int[][] costs) {
    this.diagrams = diagrams;
    this.costs = costs;
    this.cheapest = new int[costs.length];
    for (int level = 0; level < costs.length; level++) {
      for (int value = 1; value < costs[level].length; value++) {
        if (costs[level][value] < costs[level][cheapest[level]]) {
          cheapest[level] = value;
        }
      }
    }
  }

  /**
   * The values.
   *
   * @param set not empty
   */
  public int[] in(int set) {
    if (set == Diagrams.NONE) {
      throw new IllegalArgumentException("nothing is in the empty set");
    }
    int[] values = cheapest.clone();
    for (int at = set; at != Diagrams.ALL; ) {
      Step step = best(at);
      values[diagrams.level(at)] = step.value();
      at = step.next();
    }
    return values;
  }

  /** Passing over a level costs what its cheapest value does; so only the difference counts. */
  private Step best(int node) {
    Step known = best.get(node);
    if (known != null) {
      return known;
    }
    int level = diagrams.level(node);
    Step found = new Step(Long.MAX_VALUE, 0, Diagrams.NONE);
    int[] kids = diagrams.kids(node);
    for (int i = 0; i < kids.length; i++) {
      if (kids[i] == Diagrams.NONE) {
        continue;
      }
      long rest = kids[i] == Diagrams.ALL ? 0 : best(kids[i]).cost();
      int value = cheapestOf(level, diagrams.label(node, i));
      long cost = rest + costs[level][value] - costs[level][cheapest[level]];
      if (cost < found.cost()) {
        found = new Step(cost, value, kids[i]);
      }
    }
    best.put(node, found);
    return found;
  }

  private int cheapestOf(int level, long[] label) {
    int found = -1;
    for (int w = 0; w < label.length; w++) {
      for (long rest = label[w]; rest != 0; rest &= rest - 1) {
        int value = (w << 6) + Long.numberOfTrailingZeros(rest);
        if (found < 0 || costs[level][value] < costs[level][found]) {
          found = value;
        }
      }
    }
    return found;
  }
}
