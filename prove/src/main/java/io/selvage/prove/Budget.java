package io.selvage.prove;

import java.time.Duration;

/**
 * How much one distinct set of policies may cost before its answer is {@link Inconclusive}.
 *
 * @param nodes of its diagrams, all questions together
 * @param atoms of one field of a request
 * @param time of its whole analysis
 * @param lost how much time may go into sets that are given up, before the rest get little each
 */
public record Budget(int nodes, int atoms, Duration time, Duration lost) {
  public static final Budget DEFAULT =
      new Budget(1_500_000, 20_000, Duration.ofSeconds(8), Duration.ofSeconds(15));
}
