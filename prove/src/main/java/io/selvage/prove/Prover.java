package io.selvage.prove;

import io.selvage.policy.Authorization.Stage;
import io.selvage.prove.encode.Meaning;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers questions about meshes: exactly, or {@link Inconclusive}, each with a replayed request.
 */
public final class Prover {
  private final Options options;
  private final Meaning meaning;
  private final Question.Shared shared = Question.Shared.fresh();

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
    return new Diff(new Question(options, meaning, shared, base, head), base, head, scope).report();
  }

  /** What callers are allowed to ask of workloads, port by port. */
  public ReachReport reach(Mesh mesh, SourceSelection from, WorkloadSelection to) {
    return new Reachability(new Question(options, meaning, shared, mesh), mesh, from, to).report();
  }

  /**
   * Whether assertions hold.
   *
   * @throws IllegalArgumentException for a region that has a value which can't be understood
   */
  public List<Verdict> check(Mesh mesh, List<Assertion> assertions) {
    for (Assertion assertion : assertions) {
      Checking.fault(mesh, assertion)
          .ifPresent(
              fault -> {
                throw new IllegalArgumentException(
                    "assertion %s (%s): %s".formatted(assertion.id(), assertion.at(), fault));
              });
    }
    return assertions.stream()
        .map(
            assertion ->
                new Checking(new Question(options, meaning, shared, mesh), mesh).verdict(assertion))
        .toList();
  }

  /** What is odd about the mesh's policies. */
  public LintReport lint(Mesh mesh) {
    return new Lint(new Question(options, meaning, shared, mesh), mesh).report();
  }

  /**
   * What becomes of one request, if the authorizers that are asked agree.
   *
   * @param to one of the mesh's workloads
   * @throws io.selvage.prove.atom.Unmodelled when its proxy enforces what can't be decided
   */
  public Traced explain(Mesh mesh, ProvedWorkload to, SampleRequest request) {
    Optional<Port> port =
        to.ports().stream().filter(each -> each.number() == request.port()).findFirst();
    Place place = new Place(to, port, request.port(), false, request.protocol());
    MeshSide side = new MeshSide(mesh, options.promoteDryRun(), shared.shapes());
    side.refuseUnmodelled(to);
    Enforced enforced = side.enforced(to, place);
    Map<String, Boolean> agreement = new HashMap<>();
    for (Stage stage : enforced.translated().authorization().stages()) {
      if (stage instanceof Stage.Custom custom) {
        agreement.put(custom.provider(), true);
      }
    }
    return Replay.trace(enforced, request, agreement);
  }
}
