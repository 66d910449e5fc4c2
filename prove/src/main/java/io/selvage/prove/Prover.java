package io.selvage.prove;

import io.selvage.prove.encode.Meaning;
import java.util.List;

/** Answers questions about meshes: exactly, or {@link Inconclusive}, each with a replayed request. */
public final class Prover {
  private final Options options;
  private final Meaning meaning;

  public Prover(Options options) {
    this(options, new Meaning());
  }

  /**
   * @param meaning of matchers; tests change it
   */
  Prover(Options options, Meaning meaning) {
    this.options = options;
    this.meaning = meaning;
  }

  /** What {@code head} allows and denies that {@code base} doesn't, on all workloads of both. */
  public DiffReport diff(Mesh base, Mesh head) {
    return diff(base, head, WorkloadSelection.ALL);
  }

  /** As {@link #diff(Mesh, Mesh)}, on some workloads. */
  public DiffReport diff(Mesh base, Mesh head, WorkloadSelection scope) {
    return new Diff(new Question(options, meaning, base, head), base, head, scope).report();
  }

  public ReachReport reach(Mesh mesh, SourceSelection from, WorkloadSelection to) {
    throw new UnsupportedOperationException();
  }

  public List<Verdict> check(Mesh mesh, List<Assertion> assertions) {
    throw new UnsupportedOperationException();
  }

  public LintReport lint(Mesh mesh) {
    throw new UnsupportedOperationException();
  }

  /** {@code to} must be one of the mesh's. */
  public Traced explain(Mesh mesh, ProvedWorkload to, SampleRequest request) {
    throw new UnsupportedOperationException();
  }
}
