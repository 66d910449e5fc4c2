package io.selvage.policy;

import java.util.Comparator;
import java.util.LinkedHashMap;
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
   * @param rules in evaluation order: the first that matches is the one that decides and is named.
   *     Envoy goes by id, so whoever makes a set of an unordered map sorts it by id ({@link
   *     #sortedById}). An ALLOW set with none denies everything
   */
  public record RuleSet(Action action, List<RbacPolicy> rules) {
    /** In Envoy's order, that of the ids as bytes. */
    public static RuleSet sortedById(Action action, List<RbacPolicy> rules) {
      return new RuleSet(
          action, rules.stream().sorted(Comparator.comparing(RbacPolicy::id)).toList());
    }

    /** By id, for explanations. */
    public Map<String, RbacPolicy> byId() {
      Map<String, RbacPolicy> map = new LinkedHashMap<>();
      rules.forEach(rule -> map.put(rule.id(), rule));
      return map;
    }
  }
}
