package io.selvage.prove.atom;

/** Something that has no exact model here; the question is then inconclusive. */
public final class Unmodelled extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unmodelled(String reason) {
    super(reason);
  }
}
