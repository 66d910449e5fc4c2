package io.selvage.policy;

import io.selvage.policy.Authorization.Stage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Authorization} made ready to decide fast: each rule set is an index whose cost doesn't
 * grow with the number of rules. Decides exactly as {@link ReferenceEvaluator} does, rule ids
 * included. Immutable; made when policy is pushed, off the request path.
 */
public final class CompiledAuthorization {
  /** Enforces nothing. */
  public static final CompiledAuthorization NONE = compile(Authorization.NONE);

  private final Authorization source;
  private final CompiledStage[] stages;
  private final int memoSize;
  private final boolean hasNotes;

  private CompiledAuthorization(Authorization source, CompiledStage[] stages, int memoSize) {
    this.source = source;
    this.stages = stages;
    this.memoSize = memoSize;
    boolean notes = false;
    for (CompiledStage stage : stages) {
      notes |= stage.shadow != null || stage.kind == CompiledStage.Kind.LOG;
    }
    this.hasNotes = notes;
  }

  /** Compiles all stages. */
  public static CompiledAuthorization compile(Authorization authorization) {
    PredicateCompiler compiler = new PredicateCompiler();
    List<Stage> stages = authorization.stages();
    CompiledStage[] compiled = new CompiledStage[stages.size()];
    for (int i = 0; i < compiled.length; i++) {
      compiled[i] = CompiledStage.of(i, stages.get(i), compiler);
    }
    return new CompiledAuthorization(authorization, compiled, compiler.slots());
  }

  /** What it was made of. */
  public Authorization source() {
    return source;
  }

  /**
   * What is left to decide on a connection, once its handshake is over. The result belongs to that
   * connection: it isn't for two threads at once.
   */
  public ConnectionAuthorization onConnection(ConnectionFacts facts) {
    Subject subject = new Subject(facts, memoSize);
    Residual[] enforced = new Residual[stages.length];
    @Nullable Residual[] shadow = new @Nullable Residual[stages.length];
    for (int i = 0; i < stages.length; i++) {
      enforced[i] = stages[i].enforced.bind(subject);
      CompiledRules dryRun = stages[i].shadow;
      shadow[i] = dryRun == null ? null : dryRun.bind(subject);
    }
    subject.bound();
    return new ConnectionAuthorization(stages, enforced, shadow, subject, hasNotes);
  }
}
