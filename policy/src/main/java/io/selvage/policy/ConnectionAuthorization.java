package io.selvage.policy;

import org.jspecify.annotations.Nullable;

/**
 * What is left to decide on one connection. Deciding allocates nothing (but for repeated headers,
 * regexes and clients' addresses that a policy looks at). Belongs to its connection: not for two
 * threads at once.
 */
public final class ConnectionAuthorization {
  private final CompiledStage[] stages;
  private final Residual[] enforced;
  private final @Nullable Residual[] shadow;
  private final Subject subject;
  private final boolean hasNotes;
  private final @Nullable Decision decided;

  ConnectionAuthorization(
      CompiledStage[] stages,
      Residual[] enforced,
      @Nullable Residual[] shadow,
      Subject subject,
      boolean hasNotes) {
    this.stages = stages;
    this.enforced = enforced;
    this.shadow = shadow;
    this.subject = subject;
    this.hasNotes = hasNotes;
    this.decided = decideWithoutRequest();
  }

  /**
   * The decision for every request of this connection; null when requests make a difference, or an
   * authorizer is to be asked.
   */
  public @Nullable Decision decidedByConnection() {
    return decided;
  }

  /** Whether there are dry-run or AUDIT rules, so that a {@link Note.Sink} may get something. */
  public boolean hasNotes() {
    return hasNotes;
  }

  /** Decides on a request, from the first stage. */
  public Decision decide(RequestView request) {
    return decided != null ? decided : run(0, stages.length, request, null);
  }

  /** Decides on a request and notes dry-run and AUDIT matches. */
  public Decision decide(RequestView request, Note.Sink notes) {
    return run(0, stages.length, request, notes);
  }

  /**
   * Goes on after an authorizer has agreed.
   *
   * @param stage {@link Decision#resumeAt()} of the decision to ask it
   */
  public Decision decideFrom(int stage, RequestView request, Note.@Nullable Sink notes) {
    return run(stage, stages.length, request, notes);
  }

  /**
   * Decides by some of the stages: those before a filter that is no policy's. ALLOW means that they
   * do not object.
   *
   * @param stage the first
   * @param until the one behind the last
   */
  public Decision decideUntil(
      int stage, int until, RequestView request, Note.@Nullable Sink notes) {
    return run(stage, until, request, notes);
  }

  /** Decides on the connection as plain TCP. */
  public Decision decideTcp() {
    return run(0, stages.length, null, null);
  }

  /** As {@link #decideFrom}, on the connection as plain TCP. */
  public Decision decideTcpFrom(int stage, Note.@Nullable Sink notes) {
    return run(stage, stages.length, null, notes);
  }

  private Decision run(
      int firstStage, int until, @Nullable RequestView request, Note.@Nullable Sink notes) {
    subject.request = request;
    Decision allowed = Decision.ALLOWED;
    for (int i = firstStage; i < until; i++) {
      CompiledStage stage = stages[i];
      if (notes != null) {
        noteShadow(stage, shadow[i], notes);
      }
      if (stage.kind == CompiledStage.Kind.NOTHING
          || (stage.kind == CompiledStage.Kind.LOG && notes == null)) {
        continue;
      }
      int match = enforced[i].firstMatch(subject);
      if (match == Residual.NO_RULE) {
        if (stage.kind == CompiledStage.Kind.ALLOW) {
          return Decision.DENIED_BY_DEFAULT;
        }
        continue;
      }
      switch (stage.kind) {
        case ALLOW -> allowed = stage.decisions[match];
        case DENY, CUSTOM -> {
          return stage.decisions[match];
        }
        case LOG -> {
          if (notes != null) {
            notes.take(stage.audits[match]);
          }
        }
        case NOTHING -> {}
      }
    }
    return allowed;
  }

  private void noteShadow(CompiledStage stage, @Nullable Residual dryRun, Note.Sink notes) {
    if (dryRun == null) {
      return;
    }
    int match = dryRun.firstMatch(subject);
    Note note = match == Residual.NO_RULE ? stage.shadowMiss : stage.shadowNotes[match];
    if (note != null) {
      notes.take(note);
    }
  }

  private @Nullable Decision decideWithoutRequest() {
    Decision allowed = Decision.ALLOWED;
    for (int i = 0; i < stages.length; i++) {
      CompiledStage stage = stages[i];
      boolean decides =
          switch (stage.kind) {
            case ALLOW, DENY, CUSTOM -> true;
            case LOG, NOTHING -> false;
          };
      if (!decides) {
        continue;
      }
      if (!enforced[i].isDecided()) {
        return null;
      }
      int match = enforced[i].firstMatch(subject);
      if (match == Residual.NO_RULE) {
        if (stage.kind == CompiledStage.Kind.ALLOW) {
          return Decision.DENIED_BY_DEFAULT;
        }
      } else if (stage.kind == CompiledStage.Kind.ALLOW) {
        allowed = stage.decisions[match];
      } else {
        Decision decision = stage.decisions[match];
        return decision.verdict() == Decision.Verdict.ASK ? null : decision;
      }
    }
    return allowed;
  }
}
