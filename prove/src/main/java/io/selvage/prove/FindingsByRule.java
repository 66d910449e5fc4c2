package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.SourceLocation;
import io.selvage.policy.RuleOrigin;
import io.selvage.prove.LintFinding.Kind;
import io.selvage.prove.LintFinding.RuleReference;
import io.selvage.prove.Sampler.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was seen of each rule, at all places that its policy selects. That a rule is in vain is said
 * only when it is so at every one of them.
 */
final class FindingsByRule {
  private final MeshSide side;
  private final Map<Rule, Seen> seen = new LinkedHashMap<>();
  private final Set<Rule> undecided = new HashSet<>();

  /** Rules that deny or cover others: each once, since many do so again and again. */
  private final Map<Rule, RuleReference> references = new HashMap<>();

  /** A request in plaintext that a rule lets in. */
  private record Admitted(Sample sample, Place place) {}

  private record Rule(String cluster, String policy, int index) {}

  /** What was seen of one rule; nothing in it holds on to the analysis of a place. */
  private static final class Seen {
    final String action;
    final SourceLocation at;
    final List<Place> places = new ArrayList<>();
    boolean matches;
    boolean inEffect;
    boolean needed;
    final Set<RuleReference> deniers = new LinkedHashSet<>();
    final Set<RuleReference> coverers = new LinkedHashSet<>();
    final List<Place> admitting = new ArrayList<>();
    Optional<Admitted> admitted = Optional.empty();
    final List<Place> tokenless = new ArrayList<>();

    Seen(String action, SourceLocation at) {
      this.action = action;
      this.at = at;
    }
  }

  FindingsByRule(MeshSide side) {
    this.side = side;
  }

  void add(RuleState state, Place place) {
    RuleOrigin origin = state.origin();
    String cluster = place.workload().cluster();
    Rule rule = new Rule(cluster, origin.policy().meta().qualifiedName(), origin.index());
    Seen of =
        seen.computeIfAbsent(
            rule, _ -> new Seen(origin.policy().action().name(), at(cluster, origin)));
    of.places.add(place);
    of.matches |= state.matches();
    of.inEffect |= state.matches() && !state.denied();
    of.needed |= state.matches() && !state.denied() && !state.covered();
    state.deniers().forEach(each -> of.deniers.add(reference(cluster, each)));
    state.coverers().forEach(each -> of.coverers.add(reference(cluster, each)));
    if (state.plaintext().isPresent()) {
      of.admitting.add(place);
      of.admitted =
          of.admitted.or(() -> state.plaintext().map(sample -> new Admitted(sample, place)));
    }
    if (state.tokenless()) {
      of.tokenless.add(place);
    }
  }

  private RuleReference reference(String cluster, RuleOrigin origin) {
    String policy = origin.policy().meta().qualifiedName();
    return references.computeIfAbsent(
        new Rule(cluster, policy, origin.index()),
        rule -> new RuleReference(policy, rule.index(), at(cluster, origin)));
  }

  /** Nothing is known of these policies at the place, so nothing is in vain there. */
  void unknown(List<AuthorizationPolicy> policies, Place place) {
    for (AuthorizationPolicy policy : policies) {
      for (int i = 0; i < policy.ruleList().size(); i++) {
        undecided.add(new Rule(place.workload().cluster(), policy.meta().qualifiedName(), i));
      }
    }
  }

  /**
   * What there is to say of the rules.
   *
   * @param question on whose threads requests are replayed
   */
  List<LintFinding> findings(Question question) {
    List<Map.Entry<Rule, Seen>> all = List.copyOf(seen.entrySet());
    List<Optional<Witness>> witnesses =
        Groups.each(
            question,
            all,
            entry ->
                entry
                    .getValue()
                    .admitted
                    .map(each -> Witnesses.of(side, each.sample(), each.place(), true)),
            (_, _) -> Optional.empty());
    List<LintFinding> findings = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      add(findings, all.get(i).getKey(), all.get(i).getValue(), witnesses.get(i));
    }
    return findings;
  }

  private void add(List<LintFinding> findings, Rule rule, Seen of, Optional<Witness> witness) {
    if (!undecided.contains(rule)) {
      if (!of.matches) {
        findings.add(
            finding(
                Kind.IMPOSSIBLE,
                rule,
                of,
                of.places,
                "no request can match the rule",
                Set.of(),
                witness));
      } else if (!of.inEffect) {
        findings.add(
            finding(
                Kind.DENIED,
                rule,
                of,
                of.places,
                "other rules deny all that it allows",
                of.deniers,
                witness));
      } else if (!of.needed) {
        findings.add(
            finding(
                Kind.REDUNDANT,
                rule,
                of,
                of.places,
                "other rules of its action match all that it matches",
                of.coverers,
                witness));
      }
    }
    if (!of.admitting.isEmpty()) {
      findings.add(
          finding(
              Kind.PLAINTEXT_ADMITTED,
              rule,
              of,
              of.admitting,
              "it only says who the caller is not, and plaintext is nobody: it is let in",
              Set.of(),
              witness));
    }
    if (!of.tokenless.isEmpty()) {
      findings.add(
          finding(
              Kind.TOKEN_WITHOUT_ISSUER,
              rule,
              of,
              of.tokenless,
              "it looks at a token, but no RequestAuthentication here takes one",
              Set.of(),
              witness));
    }
  }

  private LintFinding finding(
      Kind kind,
      Rule rule,
      Seen of,
      List<Place> places,
      String text,
      Set<RuleReference> because,
      Optional<Witness> witness) {
    return new LintFinding(
        kind,
        rule.cluster(),
        rule.policy(),
        of.action,
        Optional.of(rule.index()),
        of.at,
        places,
        text,
        List.copyOf(because),
        kind == Kind.PLAINTEXT_ADMITTED ? witness : Optional.empty());
  }

  /** Where the cluster's own copy of the rule is written. */
  private SourceLocation at(String cluster, RuleOrigin origin) {
    AuthorizationPolicy policy = origin.policy();
    return Optional.ofNullable(side.mesh().clusters().get(cluster))
        .flatMap(
            snapshot ->
                snapshot.find(
                    AuthorizationPolicy.class, policy.meta().namespace(), policy.meta().name()))
        .filter(own -> origin.index() < own.ruleList().size())
        .map(own -> own.ruleList().get(origin.index()).at())
        .orElse(origin.at());
  }
}
