package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.Problem;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one policy contributes to all that enforce it.
 *
 * @param rules in the order in which they are written, without those that were dropped
 * @param origins where each comes from; dropped ones, too
 * @param problems what does something else than its author may think
 */
record TranslatedRules(List<RbacPolicy> rules, List<RuleOrigin> origins, List<Problem> problems) {

  static TranslatedRules of(
      AuthorizationPolicy policy,
      TrustDomains trustDomains,
      Protocol protocol,
      String idPrefix,
      String idSuffix) {
    List<RbacPolicy> rules = new ArrayList<>();
    List<RuleOrigin> origins = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    String name =
        "%sns[%s]-policy[%s]-rule"
            .formatted(idPrefix, policy.meta().namespace(), policy.meta().name());
    List<Rule> written = policy.ruleList();
    for (int i = 0; i < written.size(); i++) {
      String id = name + "[" + i + "]" + idSuffix;
      RuleTranslation.Translated translated =
          new RuleTranslation(policy, protocol, trustDomains, problems)
              .translate(id, i, written.get(i));
      origins.add(translated.origin());
      translated.rule().ifPresent(rules::add);
    }
    if (written.isEmpty()) {
      String id = name + "[0]" + idSuffix;
      rules.add(new RbacPolicy(id, List.of(new Matcher.Never()), List.of(new Matcher.Never())));
      origins.add(matchesNever(policy, id));
    }
    return new TranslatedRules(List.copyOf(rules), List.copyOf(origins), List.copyOf(problems));
  }

  /** {@code spec: {}}: a rule that never matches, so that an ALLOW denies everything. */
  private static RuleOrigin matchesNever(AuthorizationPolicy policy, String id) {
    return new RuleOrigin(
        id,
        policy,
        0,
        policy.meta().at(),
        List.of(),
        List.of(),
        List.of(),
        Optional.of("the policy has no rules, so it matches nothing"));
  }
}
