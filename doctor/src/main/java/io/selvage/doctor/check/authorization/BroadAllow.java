package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Rule;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ALLOW policies that are wider than anybody means: by a rule for everybody, or by a {@code -}. */
public final class BroadAllow {
  /** None. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV4014",
              "no ALLOW is for everybody and everything",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of(),
              Optional.empty()),
          BroadAllow::ask);

  private BroadAllow() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY)) {
      return;
    }
    Need.understood(MeshView.of(cluster), results, Kind.AUTHORIZATION_POLICY);
    List<AuthorizationPolicy> allows =
        MeshView.of(cluster).snapshot().all(AuthorizationPolicy.class).stream()
            .filter(policy -> policy.action() == Action.ALLOW && !policy.dryRun())
            .toList();
    for (AuthorizationPolicy policy : allows) {
      List<Rule> rules = policy.ruleList();
      if (rules.stream().anyMatch(BroadAllow::isForAll)) {
        Policies.about(
                results.warn("%s allows everything to everybody".formatted(Policies.ref(policy))),
                cluster,
                policy)
            .cause("a rule that says neither who nor what")
            .effect("beside it, other ALLOW policies of the same workloads mean nothing")
            .next("say who (from) and what (to), or remove it if nothing is to be guarded");
      } else if (isSplit(rules)) {
        Policies.about(
                results.warn(
                    "%s has one rule that only says who and one that only says what"
                        .formatted(Policies.ref(policy))),
                cluster,
                policy)
            .cause(
                "a - too much: from and to of one rule became two rules, either of which is enough")
            .effect("the named callers may do everything, and everybody may do the named things")
            .next("take the - before to away, so that both are of one rule");
      }
    }
    if (results.isFine()) {
      results.pass(
          "%s say who or what they allow".formatted(Words.count(allows.size(), "ALLOW object")));
    }
  }

  private static boolean isForAll(Rule rule) {
    return rule.from().isEmpty() && rule.to().isEmpty() && rule.when().isEmpty();
  }

  private static boolean isSplit(List<Rule> rules) {
    return rules.size() == 2
        && rules.stream().allMatch(rule -> rule.when().isEmpty())
        && rules.stream().anyMatch(rule -> !rule.from().isEmpty() && rule.to().isEmpty())
        && rules.stream().anyMatch(rule -> rule.from().isEmpty() && !rule.to().isEmpty());
  }
}
