package io.selvage.prove.diagram;

import java.util.function.LongSupplier;

/**
 * Counts what one analysis costs and ends it with {@link OverBudget}. For one thread.
 *
 * <p>Time is looked at every few thousand steps only; a step is a node made or looked up.
 */
public final class Meter {
  private static final int STEPS_BETWEEN_LOOKS = 4096;

  private final int maxNodes;
  private final int maxAtoms;
  private final long maxBytes;
  private final long deadline;
  private final LongSupplier nanoTime;
  private int steps;
  private long bytes;

  /**
   * @param deadline in the time of {@code nanoTime}
   */
  public Meter(int maxNodes, int maxAtoms, long maxBytes, long deadline, LongSupplier nanoTime) {
    this.maxNodes = maxNodes;
    this.maxAtoms = maxAtoms;
    this.maxBytes = maxBytes;
    this.deadline = deadline;
    this.nanoTime = nanoTime;
  }

  /** One that never ends anything. */
  public static Meter unlimited() {
    return new Meter(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, () -> 0);
  }

  /** To be called often. */
  public void step() {
    if (++steps % STEPS_BETWEEN_LOOKS == 0) {
      look();
    }
  }

  /** Looks at the time now. */
  public void look() {
    if (deadline - nanoTime.getAsLong() < 0) {
      throw new OverBudget("it takes longer than the budget of time");
    }
  }

  /** There are so many nodes now. */
  public void nodes(int count) {
    if (count > maxNodes) {
      throw new OverBudget("it takes more than the budget of %,d nodes".formatted(maxNodes));
    }
  }

  /** So much more memory is taken; before it is. */
  public void bytes(long more) {
    bytes += more;
    if (bytes > maxBytes) {
      throw new OverBudget(
          "it takes more than the budget of %,d MB of memory".formatted(maxBytes >> 20));
    }
  }

  /** So much memory is free again. */
  public void freed(long less) {
    bytes -= less;
  }

  /** A field has so many atoms, or its automaton so many states, now. */
  public void atoms(int count) {
    step();
    if (count > maxAtoms) {
      throw new OverBudget("a field takes more than the budget of %,d atoms".formatted(maxAtoms));
    }
  }
}
