package io.selvage.policy;

import java.util.List;
import java.util.Map;

/**
 * One named rule of an RBAC filter: it matches when any permission and any principal match.
 *
 * @param id as it is in logs: {@code ns[foo]-policy[bar]-rule[0]}
 * @param permissions what is asked for; any of them
 * @param principals who asks; any of them
 */
public record RbacPolicy(String id, List<Matcher> permissions, List<Matcher> principals) {
  /** What a match does (Envoy's {@code RBAC.Action}). */
  public enum Action {
    /** Requests that match no rule are denied. */
    ALLOW,
    /** Requests that match a rule are denied. */
    DENY,
    /** Matches are noted, nothing is decided (Istio's AUDIT). */
    LOG
  }

  /**
   * The rules of one RBAC filter.
   *
   * @param action what a match does
   * @param rules in evaluation order; an ALLOW set with none denies everything
   */
  public record RuleSet(Action action, List<RbacPolicy> rules) {
    /** By id, for explanations. */
    public Map<String, RbacPolicy> byId() {
      Map<String, RbacPolicy> map = new java.util.LinkedHashMap<>();
      rules.forEach(rule -> map.put(rule.id(), rule));
      return map;
    }
  }
}
