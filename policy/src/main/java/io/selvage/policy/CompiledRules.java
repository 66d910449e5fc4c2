package io.selvage.policy;

import io.selvage.policy.RbacPolicy.RuleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule set with its index. Immutable, shared by all connections. */
final class CompiledRules {
  /** A rule with more pairs of a permission and a principal isn't taken apart. */
  private static final int MAX_PAIRS = 16;

  private final @Nullable Node index;

  CompiledRules(RuleSet rules, Reading reading, PredicateCompiler compiler) {
    List<Clause> clauses = new ArrayList<>();
    for (int i = 0; i < rules.rules().size(); i++) {
      RbacPolicy rule = rules.rules().get(i);
      if ((long) rule.permissions().size() * rule.principals().size() > MAX_PAIRS) {
        Matcher permission = new Matcher.Or(rule.permissions());
        add(clauses, i, permission, new Matcher.Or(rule.principals()), reading, compiler);
        continue;
      }
      for (Matcher permission : rule.permissions()) {
        for (Matcher principal : rule.principals()) {
          add(clauses, i, permission, principal, reading, compiler);
        }
      }
    }
    index = IndexBuilder.build(clauses);
  }

  private static void add(
      List<Clause> clauses,
      int rule,
      Matcher permission,
      Matcher principal,
      Reading reading,
      PredicateCompiler compiler) {
    Matcher matcher = new Matcher.And(List.of(permission, principal));
    Map<Dimension, Set<IndexKey>> constraints = Constraints.of(matcher);
    Predicate predicate = compiler.compile(matcher, reading);
    if (constraints != null && predicate != Predicate.Constant.NEVER) {
      clauses.add(new Clause(rule, predicate, !needsRequest(matcher), constraints));
    }
  }

  private static boolean needsRequest(Matcher matcher) {
    return switch (matcher) {
      case Matcher.And(var parts) -> parts.stream().anyMatch(CompiledRules::needsRequest);
      case Matcher.Or(var parts) -> parts.stream().anyMatch(CompiledRules::needsRequest);
      case Matcher.Not(var part) -> needsRequest(part);
      case Matcher.RemoteIp _,
          Matcher.Host _,
          Matcher.Method _,
          Matcher.Path _,
          Matcher.PathTemplateMatch _,
          Matcher.Header _,
          Matcher.Claim _ ->
          true;
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.PeerPrincipal _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.ServerName _,
          Matcher.FilterMetadata _ ->
          false;
    };
  }

  /** What is left of these rules for the connection of {@code subject}. */
  Residual bind(Subject subject) {
    if (index == null) {
      return NOTHING;
    }
    subject.frontier.clear();
    return subject.frontier.residual(index.find(subject, Residual.NO_RULE));
  }

  private static final Residual NOTHING = new Frontier().residual(Residual.NO_RULE);
}
