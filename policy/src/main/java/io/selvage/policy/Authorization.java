package io.selvage.policy;

import java.util.List;
import java.util.Optional;

/**
 * All that a workload enforces on one port, in order: CUSTOM, AUDIT, DENY, ALLOW as Istio documents
 * it, each a stage as Envoy's filter chain has them.
 *
 * @param stages in evaluation order; none means allow
 */
public record Authorization(List<Stage> stages) {
  /** Enforces nothing. */
  public static final Authorization NONE = new Authorization(List.of());

  /** Whether some stage asks an external authorizer. */
  public boolean asksOthers() {
    return stages.stream().anyMatch(Stage.Custom.class::isInstance);
  }

  /** One filter of the chain. */
  public sealed interface Stage {
    /**
     * An RBAC filter.
     *
     * @param enforced rules that decide; empty when the filter only shadows
     * @param shadow dry-run rules: evaluated and logged, never deciding
     */
    record Rbac(Optional<RbacPolicy.RuleSet> enforced, Optional<RbacPolicy.RuleSet> shadow)
        implements Stage {}

    /**
     * An external authorizer, asked when one of its rules matches (Istio's CUSTOM).
     *
     * @param provider name of the extension provider
     * @param rules when to ask
     * @param unusable the provider is missing or bad: a match is denied
     */
    record Custom(String provider, RbacPolicy.RuleSet rules, boolean unusable) implements Stage {}
  }
}
