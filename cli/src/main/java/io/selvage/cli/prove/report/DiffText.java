package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.Change;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Row;
import io.selvage.prove.Traced;
import io.selvage.prove.Witness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A diff for people. */
public final class DiffText {
  private static final int ROWS = 6;
  private static final int WORKLOADS = 6;

  private final Mesh base;
  private final Mesh head;
  private final Page page;
  private final Style style;

  /** For a diff of these two. */
  public DiffText(Mesh base, Mesh head, Page page, Style style) {
    this.base = base;
    this.head = head;
    this.page = page;
    this.style = style;
  }

  /** The lines; {@code took} is shown in the first. */
  public List<String> lines(DiffReport report, Duration took) {
    Lines lines = new Lines(page, style);
    lines.text(summary(report, took));
    for (ChangeGroup group : ChangeGroup.of(report.changes())) {
      lines.add("");
      print(group, lines);
    }
    others("new workload", report.added(), lines);
    others("workload gone", report.removed(), lines);
    Assumed.print(report.inconclusive(), lines);
    Assumed.print(lines, report.assumes());
    return lines.all();
  }

  /** {@code 2 changes on 1 of 214 workloads (1 newly allowed, 1 newly denied)}. */
  public static String summary(DiffReport report, Duration took) {
    List<ChangeGroup> groups = ChangeGroup.of(report.changes());
    long allowed = groups.stream().filter(g -> g.first().direction() == Direction.ALLOWED).count();
    long workloads =
        report.changes().stream().map(c -> c.place().workload().qualifiedName()).distinct().count();
    String time = "  %.1f s".formatted(took.toMillis() / 1000.0);
    if (groups.isEmpty()) {
      return (report.isEquivalent()
                  ? "no change: all %s allow what they allowed before"
                  : "no change found, but not everywhere is an answer (%s)")
              .formatted(Words.counted(report.effort().workloads(), "workload"))
          + time;
    }
    return "%s on %d of %s  (%d newly allowed, %d newly denied)%s"
        .formatted(
            Words.counted(groups.size(), "change"),
            workloads,
            Words.counted(report.effort().workloads(), "workload"),
            allowed,
            groups.size() - allowed,
            time);
  }

  void print(ChangeGroup group, Lines lines) {
    Change change = group.first();
    boolean allowed = change.direction() == Direction.ALLOWED;
    lines.add(style.strong(allowed ? "+ ALLOWED" : "- DENIED ") + "  " + title(group));
    rows(change.rows(), change.moreRows(), lines);
    Witness witness = change.witness();
    example(new WitnessCommands(allowed ? head : base), change.place(), witness, lines);
    witness
        .before()
        .ifPresent(before -> trace("before", before, change.place(), Optional.empty(), lines));
    trace("after", witness.after(), change.place(), Optional.of(new RuleChanges(base)), lines);
    lines.fact(
        "replay",
        "before=%s after=%s, by the evaluator that enforces policy"
            .formatted(witness.before().map(DiffText::word).orElse("-"), word(witness.after())));
  }

  /**
   * A line for each group of changes, for a log: what is newly allowed or denied, and a request
   * that shows it.
   */
  public static List<String> brief(DiffReport report, Mesh base, Mesh head) {
    List<String> lines = new ArrayList<>();
    for (ChangeGroup group : ChangeGroup.of(report.changes())) {
      boolean allowed = group.first().direction() == Direction.ALLOWED;
      Change change = group.first();
      lines.add(
          " newly %s %s from %s when %s; for example %s, %s"
              .formatted(
                  allowed ? "ALLOWS" : "DENIES",
                  title(group),
                  change.rows().isEmpty() ? "somebody" : Words.from(change.rows().getFirst()),
                  change.rows().isEmpty() ? "" : Words.when(change.rows().getFirst()),
                  WitnessCommands.oneLine(change.place(), change.witness().request()),
                  new WitnessCommands(allowed ? head : base)
                      .exec(change.place(), change.witness().request())
                      .map(line -> "try " + line)
                      .orElseGet(
                          () ->
                              String.join(", ", WitnessCommands.circumstances(change.witness())))));
    }
    report
        .inconclusive()
        .forEach(one -> lines.add(" may change " + one.place() + ": " + one.reason()));
    return lines;
  }

  private static String word(Traced traced) {
    return traced.allowed() ? "ALLOW" : "DENY";
  }

  private static String title(ChangeGroup group) {
    return Words.places(group.places());
  }

  /** Which requests. */
  static void rows(List<Row> rows, boolean more, Lines lines) {
    rows.stream()
        .limit(ROWS)
        .forEach(
            row -> {
              lines.fact("from", Words.from(row));
              lines.fact("when", Words.when(row));
            });
    if (more || rows.size() > ROWS) {
      lines.fact("", "… and more: -o json has " + (more ? "some of them" : "all"));
    }
  }

  /** The request, and what sends it. */
  static void example(WitnessCommands commands, Place place, Witness witness, Lines lines) {
    lines.fact("example", WitnessCommands.oneLine(place, witness.request()));
    lines.fact("", String.join(", ", WitnessCommands.circumstances(witness)));
    lines.command("", WitnessCommands.shell(WitnessCommands.command(place, witness.request())));
    commands.exec(place, witness.request()).ifPresent(line -> lines.command("", line));
  }

  private void trace(
      String name, Traced traced, Place place, Optional<RuleChanges> changes, Lines lines) {
    TraceText text = new TraceText(style, changes);
    lines.fact(name, text.verdict(traced));
    lines.addAll(text.lines(place.workload(), traced, " ".repeat(14)));
  }

  private static void others(String what, List<ProvedWorkload> some, Lines lines) {
    if (!some.isEmpty()) {
      lines.add("");
      some.stream()
          .limit(WORKLOADS)
          .forEach(
              one -> lines.text("  %s: %s  %s".formatted(what, one.qualifiedName(), one.at())));
      if (some.size() > WORKLOADS) {
        lines.text("  and %d more".formatted(some.size() - WORKLOADS));
      }
    }
  }
}
