package io.selvage.prove;

import java.util.List;

/** Answers questions about meshes: exactly, or {@link Inconclusive}, each with a replayed request. */
public final class Prover {
  private final Options options;

  public Prover(Options options) {
    this.options = options;
  }

  public DiffReport diff(Mesh base, Mesh head) {
    return diff(base, head, WorkloadSelection.ALL);
  }

  public DiffReport diff(Mesh base, Mesh head, WorkloadSelection scope) {
    throw new UnsupportedOperationException(options.toString());
  }

  public ReachReport reach(Mesh mesh, SourceSelection from, WorkloadSelection to) {
    throw new UnsupportedOperationException(options.toString());
  }

  public List<Verdict> check(Mesh mesh, List<Assertion> assertions) {
    throw new UnsupportedOperationException(options.toString());
  }

  public LintReport lint(Mesh mesh) {
    throw new UnsupportedOperationException(options.toString());
  }

  /** {@code to} must be one of the mesh's. */
  public Traced explain(Mesh mesh, ProvedWorkload to, SampleRequest request) {
    throw new UnsupportedOperationException(options.toString());
  }
}
