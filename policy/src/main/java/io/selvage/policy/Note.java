package io.selvage.policy;

import java.util.Optional;

/**
 * What is to be recorded beside a decision: a match that decides nothing. Instances are made when
 * policies are compiled.
 *
 * <p>AUDIT rules and dry-run rules that match are noted; a dry-run ALLOW is noted also when none of
 * its rules matches, since enforced it would deny.
 *
 * @param stage index of the stage in {@link Authorization#stages()}
 * @param shadow true for dry-run rules, false for an enforced AUDIT
 * @param action of the rule set
 * @param ruleId the rule that matched; empty only for a dry-run ALLOW without a match
 */
public record Note(int stage, boolean shadow, RbacPolicy.Action action, Optional<String> ruleId) {
  /** Whether these dry-run rules would deny if they were enforced. */
  public boolean wouldDeny() {
    return shadow
        && switch (action) {
          case ALLOW -> ruleId.isEmpty();
          case DENY -> true;
          case LOG -> false;
        };
  }

  /** Takes notes, in the order of stages. */
  @FunctionalInterface
  public interface Sink {
    /** Takes one. */
    void take(Note note);
  }
}
