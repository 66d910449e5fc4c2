package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Style;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Explanation;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Traced;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why one side decides as it does, rule and field with their lines. */
final class TraceText {
  private static final String CHANGED = "  <- changed";

  private final Style style;
  private final Optional<RuleChanges> changes;

  /**
   * @param changes marks what the other side doesn't say; empty: nothing is marked
   */
  TraceText(Style style, Optional<RuleChanges> changes) {
    this.style = style;
    this.changes = changes;
  }

  /** {@code DENIED no ALLOW rule matched}. */
  String verdict(Traced traced) {
    String word = style.strong(traced.allowed() ? "ALLOWED" : "DENIED ");
    return word + "  " + because(traced);
  }

  /** In a few words, without the place, which {@link #lines} has. */
  static String because(Traced traced) {
    if (traced.policy().isEmpty()) {
      return "by " + peer(traced.peer());
    }
    Explanation policy = traced.policy().get();
    if (policy.decidedBy().isPresent()) {
      return "by " + RuleWords.named(policy.decidedBy().get());
    }
    if (policy.decision().ruleId().isPresent()) {
      return "by " + policy.decision().ruleId().get();
    }
    return traced.allowed() ? "no ALLOW policy applies" : RuleWords.NOTHING_MATCHES;
  }

  /** {@code PeerAuthentication payments/default STRICT}. */
  static String peer(EffectivePeerAuthentication peer) {
    return peer.decidedBy()
        .map(by -> "PeerAuthentication %s %s".formatted(by.meta().qualifiedName(), peer.mode()))
        .orElseGet(
            () ->
                peer.mode() == Mode.STRICT
                    ? "the mesh's tunnel, which is always mTLS"
                    : "the default of PeerAuthentication, " + peer.mode());
  }

  /** The place that is to be looked at; empty when nothing is written. */
  static Optional<SourceLocation> at(Traced traced) {
    Optional<RuleReport> rule = rule(traced);
    if (traced.policy().isEmpty()) {
      return traced.peer().decidedBy().map(by -> by.meta().at());
    }
    return rule.map(
        report ->
            report.fields().stream()
                .filter(field -> traced.allowed() ? field.matches() : !field.matches())
                .findFirst()
                .map(FieldReport::at)
                .orElse(report.at()));
  }

  /** The rule that decided, or came nearest. */
  static Optional<RuleReport> rule(Traced traced) {
    return traced.policy().flatMap(policy -> policy.decidedBy().or(policy::nearest));
  }

  /** The rule, and its fields as a table. */
  List<String> lines(ProvedWorkload workload, Traced traced, String indent) {
    List<String> lines = new ArrayList<>();
    if (traced.policy().isEmpty()) {
      traced
          .peer()
          .decidedBy()
          .ifPresent(by -> lines.add(indent + style.faint(by.meta().at().toString())));
      return lines;
    }
    Explanation policy = traced.policy().get();
    Optional<RuleReport> shown = rule(traced);
    if (shown.isEmpty()) {
      return lines;
    }
    RuleReport rule = shown.get();
    boolean fresh = changes.map(c -> c.isNew(workload, rule)).orElse(false);
    String title = policy.decidedBy().isPresent() ? rule.at().toString() : RuleWords.nearest(rule);
    lines.add(indent + title + (fresh ? style.strong("  <- new policy") : ""));
    rule.dropped().ifPresent(why -> lines.add(indent + "  " + RuleWords.dropped(why)));
    fields(workload, rule, fresh, indent + "  ", lines);
    return lines;
  }

  private void fields(
      ProvedWorkload workload, RuleReport rule, boolean fresh, String indent, List<String> lines) {
    List<RuleWords.Row> rows = new ArrayList<>();
    for (FieldReport field : rule.fields()) {
      boolean changed =
          !fresh && changes.map(c -> c.isChanged(workload, rule, field)).orElse(false);
      RuleWords.Row row = RuleWords.Row.of(rule, field);
      rows.add(changed ? row.marked(style.strong(CHANGED)) : row);
    }
    lines.addAll(RuleWords.table(rows, indent));
  }
}
