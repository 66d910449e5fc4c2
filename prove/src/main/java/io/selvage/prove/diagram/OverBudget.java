package io.selvage.prove.diagram;

/** An analysis was given up since it cost too much. */
public final class OverBudget extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OverBudget(String what) {
    super(what);
  }
}
