package io.selvage.cli.prove.report;

import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.report.Finding.Level;
import io.selvage.cli.prove.report.Finding.Related;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Inconclusive;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.Row;
import io.selvage.prove.Traced;
import io.selvage.prove.Verdict;
import io.selvage.prove.Witness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes {@link Finding}s of answers. */
public final class Findings {
  /** Something is newly allowed. */
  private static final String ALLOWED = "SLV9420";

  /** Something is newly denied. */
  private static final String DENIED = "SLV9421";

  private static final String BROKEN = "SLV9410";
  private static final String NOTHING = "SLV9411";
  private static final String OPEN = "SLV9412";
  private static final String ENDED = "SLV9414";

  private Findings() {}

  /** One for each group of changes. */
  public static List<Finding> of(DiffReport report, Mesh base, Mesh head) {
    List<Finding> findings = new ArrayList<>();
    for (ChangeGroup group : ChangeGroup.of(report.changes())) {
      findings.add(of(group, base, head));
    }
    report.inconclusive().forEach(one -> findings.add(of(one, "diff")));
    return findings;
  }

  private static Finding of(ChangeGroup group, Mesh base, Mesh head) {
    boolean allowed = group.first().direction() == Direction.ALLOWED;
    Witness witness = group.first().witness();
    String places = String.join("; ", Words.byWorkload(group.places(), Integer.MAX_VALUE));
    String rows = rows(group.first().rows());
    return new Finding(
        allowed ? ALLOWED : DENIED,
        allowed ? ALLOWED : DENIED,
        allowed ? Level.WARNING : Level.NOTE,
        allowed ? "newly allowed" : "newly denied",
        "%s: %s %s. %s"
            .formatted(
                allowed ? "newly allowed" : "newly denied",
                places,
                rows,
                shown(group.first().place(), witness, allowed ? head : base)),
        at(witness.after(), group.first().place()),
        traced(witness),
        places + rows);
  }

  /** One for each assertion that isn't proved, and each place where it isn't. */
  public static List<Finding> of(List<CheckedAssertion> checked) {
    List<Finding> findings = new ArrayList<>();
    for (CheckedAssertion one : checked) {
      switch (one.status()) {
        case HOLDS -> {}
        case BROKEN -> broken(one, findings);
        case SELECTS_NOTHING ->
            findings.add(
                of(one, NOTHING, "is about no workload and port, so nothing was proved", ""));
        case EXPIRED ->
            findings.add(
                of(
                    one,
                    ENDED,
                    "was agreed upon until %s".formatted(one.assertion().expires().orElseThrow()),
                    ""));
        case INCONCLUSIVE -> {}
      }
      one.inconclusive().forEach(open -> findings.add(of(open, one.assertion().id())));
    }
    return findings;
  }

  private static void broken(CheckedAssertion one, List<Finding> findings) {
    for (Verdict.Violation violation : one.violations()) {
      findings.add(
          new Finding(
              one.assertion().id(),
              BROKEN,
              Level.ERROR,
              title(one),
              "%s does not hold at %s: %s. %s%s"
                  .formatted(
                      one.assertion().id(),
                      violation.place(),
                      rows(violation.rows()),
                      shown(violation.place(), violation.witness(), one.head()),
                      violation.note().map(note -> " Note: " + note + ".").orElse("")),
              at(violation.witness().after(), violation.place()),
              related(one, violation.witness()),
              violation.place().toString()));
    }
    for (ChangeGroup group : ChangeGroup.of(one.changes())) {
      Finding change = of(group, one.base(), one.head());
      findings.add(
          new Finding(
              one.assertion().id(),
              BROKEN,
              Level.ERROR,
              title(one),
              one.assertion().id() + " does not hold: " + change.text(),
              change.at(),
              change.related(),
              change.key()));
    }
  }

  private static String title(CheckedAssertion one) {
    return one.assertion().why().isEmpty()
        ? "the assertion %s holds".formatted(one.assertion().id())
        : "the assertion %s holds (%s)".formatted(one.assertion().id(), one.assertion().why());
  }

  private static Finding of(CheckedAssertion one, String code, String text, String key) {
    return new Finding(
        one.assertion().id(),
        code,
        Level.ERROR,
        title(one),
        one.assertion().id() + " " + text,
        one.assertion().at(),
        List.of(),
        key);
  }

  /** One for each finding of the linter. */
  public static List<Finding> of(LintReport report, Mesh mesh) {
    List<Finding> findings = new ArrayList<>();
    for (LintFinding one : report.findings()) {
      String code = LintCode.of(one.kind());
      List<Related> related =
          one.because().stream()
              .map(rule -> new Related(rule.at(), rule.policy() + " rule " + rule.rule()))
              .toList();
      String shown =
          one.witness().isPresent() && !one.places().isEmpty()
              ? " " + shown(one.places().getFirst(), one.witness().get(), mesh)
              : "";
      findings.add(
          new Finding(
              code,
              code,
              Level.WARNING,
              LintCode.title(one.kind()),
              "%s %s%s: %s%s"
                  .formatted(
                      one.action(),
                      one.policy(),
                      one.rule().map(index -> " rule " + index).orElse(""),
                      one.text(),
                      shown),
              one.at(),
              related,
              one.cluster()
                  + " "
                  + one.policy()
                  + " "
                  + one.rule().map(String::valueOf).orElse("")));
    }
    report.inconclusive().forEach(one -> findings.add(of(one, "lint")));
    return findings;
  }

  /** The stable code of a kind of finding about a rule. */
  public static String code(LintFinding.Kind kind) {
    return LintCode.of(kind);
  }

  private static Finding of(Inconclusive open, String rule) {
    return new Finding(
        rule,
        OPEN,
        Level.ERROR,
        "there is an answer",
        "inconclusive at %s: %s".formatted(open.place(), open.reason()),
        open.place().workload().at(),
        List.of(),
        open.place().toString());
  }

  private static String rows(List<Row> rows) {
    return rows.stream()
        .limit(2)
        .map(row -> "from %s when %s".formatted(Words.from(row), Words.when(row)))
        .collect(Collectors.joining("; or "));
  }

  private static String shown(Place place, Witness witness, Mesh mesh) {
    return "For example %s, %s: %s"
        .formatted(
            WitnessCommands.oneLine(place, witness.request()),
            String.join(", ", WitnessCommands.circumstances(witness)),
            new WitnessCommands(mesh)
                .exec(place, witness.request())
                .orElseGet(
                    () ->
                        WitnessCommands.shell(WitnessCommands.command(place, witness.request()))));
  }

  /** Where the rule is that decides; for what nothing decides, the workload. */
  private static SourceLocation at(Traced traced, Place place) {
    return TraceText.at(traced).orElse(place.workload().at());
  }

  private static List<Related> related(CheckedAssertion one, Witness witness) {
    List<Related> related = new ArrayList<>();
    related.add(new Related(one.assertion().at(), "the assertion " + one.assertion().id()));
    related.addAll(traced(witness));
    return related;
  }

  private static List<Related> traced(Witness witness) {
    List<Related> related = new ArrayList<>();
    witness.before().ifPresent(before -> add(related, "before", before));
    add(related, witness.before().isPresent() ? "after" : "now", witness.after());
    return related;
  }

  private static void add(List<Related> related, String when, Traced traced) {
    String verdict =
        when + (traced.allowed() ? " allowed " : " denied ") + TraceText.because(traced);
    Optional<RuleReport> rule = TraceText.rule(traced);
    rule.ifPresent(
        report -> {
          related.add(new Related(report.at(), verdict));
          report.fields().forEach(field -> related.add(new Related(field.at(), field.render())));
        });
    if (traced.policy().isEmpty()) {
      traced.peer().decidedBy().ifPresent(by -> related.add(new Related(by.meta().at(), verdict)));
    }
  }
}
