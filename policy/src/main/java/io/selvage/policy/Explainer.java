package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.policy.RuleOrigin.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says why: which policy and rule decided, and field by field what was wanted and what came; when
 * no ALLOW rule matched, which was the nearest and where it failed.
 */
public final class Explainer {
  private static final String DROPPED = "doesn't count: ";

  private final TranslatedAuthorization translated;
  private final ConnectionFacts facts;
  private final @Nullable RequestView request;

  private Explainer(
      TranslatedAuthorization translated, ConnectionFacts facts, @Nullable RequestView request) {
    this.translated = translated;
    this.facts = facts;
    this.request = request;
  }

  /**
   * Explains what the reference evaluator decides.
   *
   * @param request null on plain TCP
   */
  public static Explanation explain(
      TranslatedAuthorization translated, ConnectionFacts facts, @Nullable RequestView request) {
    return new Explainer(translated, facts, request).explain();
  }

  private Explanation explain() {
    ReferenceEvaluator.Outcome outcome =
        ReferenceEvaluator.decide(translated.authorization(), facts, request);
    Decision decision = outcome.decision();
    Optional<RuleReport> decidedBy =
        decision
            .ruleId()
            .flatMap(id -> Optional.ofNullable(translated.origins().get(id)))
            .map(this::report);
    Optional<RuleReport> nearest =
        decision.equals(Decision.DENIED_BY_DEFAULT) ? nearest() : Optional.empty();
    return new Explanation(
        decision, summary(decision, decidedBy, nearest), decidedBy, nearest, outcome.notes());
  }

  /**
   * The ALLOW rule that its reader would name: one for this caller before others, one that counts
   * on this port before others, then the one with the fewest fields that fail.
   */
  private Optional<RuleReport> nearest() {
    return translated.origins().values().stream()
        .filter(origin -> origin.policy().action() == AuthorizationPolicy.Action.ALLOW)
        .filter(origin -> !origin.policy().dryRun())
        .map(this::report)
        .min(
            Comparator.<RuleReport, Boolean>comparing(report -> report.fields().isEmpty())
                .thenComparingLong(report -> failing(report, true))
                .thenComparing(report -> report.dropped().isPresent())
                .thenComparingLong(report -> failing(report, false))
                .thenComparingInt(report -> -report.fields().size()));
  }

  private static long failing(RuleReport report, boolean ofPeerOnly) {
    return report.fields().stream()
        .filter(field -> !field.matches())
        .filter(field -> !ofPeerOnly || RequestAttribute.isOfPeer(field.attribute()))
        .count();
  }

  private RuleReport report(RuleOrigin origin) {
    List<FieldReport> fields = new ArrayList<>(nearestEntry(origin, origin.from()));
    fields.addAll(nearestEntry(origin, origin.to()));
    fields.addAll(reports(origin, origin.when()));
    return new RuleReport(
        origin.ruleId(),
        origin.policy().meta().qualifiedName(),
        origin.policy().action().name(),
        origin.index(),
        origin.at(),
        List.copyOf(fields),
        origin.dropped());
  }

  private List<FieldReport> nearestEntry(RuleOrigin origin, List<List<Field>> entries) {
    return entries.stream()
        .map(fields -> reports(origin, fields))
        .min(
            Comparator.comparingLong(reports -> reports.stream().filter(r -> !r.matches()).count()))
        .orElse(List.of());
  }

  private List<FieldReport> reports(RuleOrigin origin, List<Field> fields) {
    return fields.stream().map(field -> report(origin, field)).toList();
  }

  private FieldReport report(RuleOrigin origin, Field field) {
    Reading reading =
        origin.policy().action() == AuthorizationPolicy.Action.ALLOW
            ? Reading.NARROW
            : Reading.WIDE;
    boolean matches = ReferenceEvaluator.holds(field.matcher(), reading, facts, request);
    String actual = RequestAttribute.describe(field.attribute(), facts, request);
    return new FieldReport(
        field.path(),
        field.attribute(),
        field.negated(),
        field.values().values(),
        field.values().at(origin.at()),
        actual,
        matches,
        field
            .dropped()
            .map(reason -> DROPPED + reason)
            .or(() -> matches || field.negated() ? Optional.empty() : hint(field, actual)));
  }

  private Optional<String> hint(Field field, String actual) {
    boolean ofPeer = RequestAttribute.isOfPeer(field.attribute());
    if (ofPeer && facts.peerPrincipal().isEmpty()) {
      return Optional.of("no mTLS: the caller has no sidecar, or TLS is off for it");
    }
    for (String value : field.values().values()) {
      if (value.equalsIgnoreCase(actual)) {
        return Optional.of("differs in case only");
      }
      if (actual.equals(value + "/") || value.equals(actual + "/")) {
        return Optional.of("differs in a trailing slash only");
      }
      if (field.attribute().equals("hosts") && actual.startsWith(value + ":")) {
        return Optional.of("the port belongs to the host; add \"" + value + ":*\"");
      }
      if (ofPeer && value.startsWith("spiffe://")) {
        return Optional.of("values are written without spiffe://");
      }
    }
    return Optional.empty();
  }

  private static String summary(
      Decision decision, Optional<RuleReport> decidedBy, Optional<RuleReport> nearest) {
    String by =
        decidedBy
            .map(rule -> " by " + named(rule))
            .or(() -> decision.ruleId().map(id -> " by " + id))
            .orElse("");
    return switch (decision.verdict()) {
      case ALLOW -> by.isEmpty() ? "allowed: no ALLOW policy applies" : "allowed" + by;
      case ASK -> "left to provider " + decision.provider().orElse("?") + by;
      case DENY ->
          by.isEmpty()
              ? "denied: ALLOW policies apply and none of their rules matches"
                  + nearest.map(rule -> "; nearest is " + named(rule) + why(rule)).orElse("")
              : "denied" + by + decidedBy.map(rule -> surprise(decision, rule)).orElse("");
    };
  }

  /** Why the rule denied more than its fields say. */
  private static String surprise(Decision decision, RuleReport rule) {
    if (decision.ruleId().filter(id -> id.endsWith(IstioTranslation.BAD_CUSTOM)).isPresent()) {
      return ": its provider cannot be asked, so what it matches is denied";
    }
    return rule.fields().stream()
        .filter(field -> field.hint().filter(hint -> hint.startsWith(DROPPED)).isPresent())
        .findFirst()
        .map(field -> ": " + field.attribute() + " " + field.hint().orElse(""))
        .orElse("");
  }

  private static String named(RuleReport rule) {
    return "%s policy %s, rule %d (%s)"
        .formatted(rule.action(), rule.policy(), rule.rule(), rule.at());
  }

  private static String why(RuleReport rule) {
    return rule.dropped()
        .or(() -> rule.firstFailing().map(FieldReport::render))
        .map(text -> ": " + text)
        .orElse("");
  }
}
