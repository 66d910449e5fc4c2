package io.selvage.policy;

import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One stage: its index, and every decision and note it can come to. */
final class CompiledStage {
  /** What a match of the enforced rules does. */
  enum Kind {
    ALLOW,
    DENY,
    LOG,
    CUSTOM,
    /** There are only dry-run rules. */
    NOTHING
  }

  final Kind kind;
  final CompiledRules enforced;

  /** By rule; for {@link Kind#LOG} empty. */
  final Decision[] decisions;

  /** By rule, for {@link Kind#LOG}. */
  final Note[] audits;

  final @Nullable CompiledRules shadow;

  /** By rule of the dry run. */
  final Note[] shadowNotes;

  /** What to note when no rule of the dry run matches: an ALLOW would deny. */
  final @Nullable Note shadowMiss;

  private CompiledStage(
      Kind kind,
      CompiledRules enforced,
      Decision[] decisions,
      Note[] audits,
      @Nullable CompiledRules shadow,
      Note[] shadowNotes,
      @Nullable Note shadowMiss) {
    this.kind = kind;
    this.enforced = enforced;
    this.decisions = decisions;
    this.audits = audits;
    this.shadow = shadow;
    this.shadowNotes = shadowNotes;
    this.shadowMiss = shadowMiss;
  }

  static CompiledStage of(int index, Stage stage, PredicateCompiler compiler) {
    return switch (stage) {
      case Stage.Custom custom -> custom(index, custom, compiler);
      case Stage.Rbac rbac -> rbac(index, rbac, compiler);
    };
  }

  private static CompiledStage custom(int index, Stage.Custom custom, PredicateCompiler compiler) {
    Decision[] decisions =
        custom.rules().rules().stream()
            .map(
                rule ->
                    custom.unusable()
                        ? Decision.deny(Optional.of(rule.id()))
                        : Decision.ask(rule.id(), custom.provider(), index + 1))
            .toArray(Decision[]::new);
    return new CompiledStage(
        Kind.CUSTOM,
        new CompiledRules(custom.rules(), Reading.WIDE, compiler),
        decisions,
        new Note[0],
        null,
        new Note[0],
        null);
  }

  private static CompiledStage rbac(int index, Stage.Rbac rbac, PredicateCompiler compiler) {
    RuleSet enforced = rbac.enforced().orElse(new RuleSet(Action.LOG, List.of()));
    Kind kind =
        rbac.enforced().isEmpty()
            ? Kind.NOTHING
            : switch (enforced.action()) {
              case ALLOW -> Kind.ALLOW;
              case DENY -> Kind.DENY;
              case LOG -> Kind.LOG;
            };
    RuleSet shadow = rbac.shadow().orElse(null);
    return new CompiledStage(
        kind,
        new CompiledRules(enforced, Reading.of(enforced.action()), compiler),
        decisions(enforced),
        notes(index, false, enforced),
        shadow == null ? null : new CompiledRules(shadow, Reading.of(shadow.action()), compiler),
        shadow == null ? new Note[0] : notes(index, true, shadow),
        shadow == null || shadow.action() != Action.ALLOW
            ? null
            : new Note(index, true, Action.ALLOW, Optional.empty()));
  }

  private static Decision[] decisions(RuleSet enforced) {
    return enforced.rules().stream()
        .map(
            rule ->
                enforced.action() == Action.ALLOW
                    ? Decision.allow(Optional.of(rule.id()))
                    : Decision.deny(Optional.of(rule.id())))
        .toArray(Decision[]::new);
  }

  private static Note[] notes(int index, boolean shadow, RuleSet rules) {
    return rules.rules().stream()
        .map(rule -> new Note(index, shadow, rules.action(), Optional.of(rule.id())))
        .toArray(Note[]::new);
  }
}
