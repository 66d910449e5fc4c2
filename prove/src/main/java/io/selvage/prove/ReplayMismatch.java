package io.selvage.prove;

/**
 * An evaluator decided a witness otherwise than the diagram it came from: an error of the prover,
 * never a result.
 */
public final class ReplayMismatch extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplayMismatch(String message) {
    super(message);
  }
}
