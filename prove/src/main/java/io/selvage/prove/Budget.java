package io.selvage.prove;

import java.time.Duration;

/**
 * How much one distinct set of policies may cost before its answer is {@link Inconclusive}.
 *
 * @param nodes of its diagrams, all questions together
 * @param atoms of one field of a request
 * @param bytes of memory that its diagrams and automata take, as estimated
 * @param time of its whole analysis
 * @param lost how much time may go into sets that are given up, before the rest get little each
 */
public record Budget(int nodes, int atoms, long bytes, Duration time, Duration lost) {
  /** Of the heap as it may grow; two sets are analysed at once, and the mesh itself is in there. */
  private static final int PART_OF_HEAP = 6;

  public static final Budget DEFAULT =
      new Budget(
          1_500_000,
          20_000,
          Runtime.getRuntime().maxMemory() / PART_OF_HEAP,
          Duration.ofSeconds(8),
          Duration.ofSeconds(15));

  /** With another limit of time. */
  public Budget within(Duration each, Duration inVain) {
    return new Budget(nodes, atoms, bytes, each, inVain);
  }
}
