package io.selvage.cli.prove.report;

import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.CheckedAssertion.Status;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.ReachReport;
import io.selvage.prove.ReachReport.Reach;
import io.selvage.prove.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Answers as Markdown, for the comment on a change. */
public final class MarkdownReport {
  private static final int ROWS = 3;

  private MarkdownReport() {}

  /** Of a diff: a table of changes, then what shows each. */
  public static List<String> of(DiffReport report, Mesh base, Mesh head) {
    List<String> lines = new ArrayList<>();
    List<ChangeGroup> groups = ChangeGroup.of(report.changes());
    long allowed = groups.stream().filter(g -> g.first().direction() == Direction.ALLOWED).count();
    lines.add("### Policy change: %s".formatted(headline(report, groups.size(), allowed)));
    lines.add("");
    lines.add("`%s` → `%s`".formatted(base.name(), head.name()));
    if (!groups.isEmpty()) {
      lines.add("");
      lines.add("| | Workload | From | When | Example |");
      lines.add("|---|---|---|---|---|");
      groups.forEach(group -> lines.add(row(group)));
      lines.add("");
      groups.forEach(group -> details(group, base, head, lines));
    }
    end(report.inconclusive().size(), report.assumes(), lines);
    return lines;
  }

  private static String headline(DiffReport report, int groups, long allowed) {
    if (groups == 0) {
      return report.isEquivalent() ? "nothing changes" : "no change found, but inconclusive";
    }
    return "%d newly allowed, %d newly denied".formatted(allowed, groups - allowed);
  }

  private static String row(ChangeGroup group) {
    String workloads =
        Words.byWorkload(group.places(), ROWS).stream()
            .map(MarkdownReport::code)
            .collect(Collectors.joining("<br>"));
    return "| %s | %s | %s | %s | %s |"
        .formatted(
            group.first().direction() == Direction.ALLOWED ? "➕ allowed" : "➖ denied",
            workloads,
            rows(group.first().rows(), true),
            rows(group.first().rows(), false),
            code(
                WitnessCommands.oneLine(group.first().place(), group.first().witness().request())));
  }

  private static String rows(List<Row> rows, boolean from) {
    String some =
        rows.stream()
            .limit(ROWS)
            .map(row -> cell(from ? Words.from(row) : Words.when(row)))
            .collect(Collectors.joining("<br>"));
    return rows.size() > ROWS ? some + "<br>…" : some;
  }

  private static void details(ChangeGroup group, Mesh base, Mesh head, List<String> lines) {
    boolean allowed = group.first().direction() == Direction.ALLOWED;
    lines.add(
        "<details><summary>%s %s</summary>"
            .formatted(
                allowed ? "newly allowed:" : "newly denied:",
                html(group.first().place().toString())));
    lines.add("");
    lines.add("```");
    Page whole = new Page(0);
    Style plain = new Style(false);
    Lines details = new Lines(whole, plain);
    new DiffText(base, head, whole, plain).print(group, details);
    lines.addAll(details.all());
    lines.add("```");
    lines.add("");
    lines.add("</details>");
    lines.add("");
  }

  /** Of assertions. */
  public static List<String> of(List<CheckedAssertion> checked) {
    List<String> lines = new ArrayList<>();
    long bad = checked.stream().filter(one -> one.status() != Status.HOLDS).count();
    lines.add(
        bad == 0
            ? "### All %s proved".formatted(Words.counted(checked.size(), "assertion"))
            : "### %d of %s not proved".formatted(bad, Words.counted(checked.size(), "assertion")));
    lines.add("");
    lines.add("| | Assertion | Why | Shown by |");
    lines.add("|---|---|---|---|");
    for (CheckedAssertion one : checked) {
      lines.add(
          "| %s | %s | %s | %s |"
              .formatted(
                  one.status() == Status.HOLDS
                      ? "✅ proved"
                      : "❌ " + one.status().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  code(one.assertion().id()),
                  cell(one.assertion().why()),
                  shown(one)));
    }
    List<String> assumes =
        checked.stream().flatMap(one -> one.assumes().stream()).distinct().toList();
    end((int) checked.stream().mapToLong(c -> c.inconclusive().size()).sum(), assumes, lines);
    return lines;
  }

  private static String shown(CheckedAssertion one) {
    if (!one.violations().isEmpty()) {
      var first = one.violations().getFirst();
      return code(WitnessCommands.oneLine(first.place(), first.witness().request()))
          + " "
          + cell(String.join(", ", WitnessCommands.circumstances(first.witness())))
          + first.note().map(note -> ". " + cell(note)).orElse("");
    }
    return one.changes().isEmpty()
        ? ""
        : code(
            WitnessCommands.oneLine(
                one.changes().getFirst().place(), one.changes().getFirst().witness().request()));
  }

  /** Of the linter. */
  public static List<String> of(LintReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("### Policies: " + Words.counted(report.findings().size(), "finding"));
    if (!report.findings().isEmpty()) {
      lines.add("");
      lines.add("| Code | Rule | What | Where |");
      lines.add("|---|---|---|---|");
    }
    for (LintFinding one : report.findings()) {
      lines.add(
          "| %s | %s %s%s | %s | %s |"
              .formatted(
                  LintCode.of(one.kind()),
                  one.action(),
                  code(one.policy()),
                  one.rule().map(rule -> " rule " + rule).orElse(""),
                  cell(one.text()),
                  code(one.at().toString())));
    }
    end(report.inconclusive().size(), report.assumes(), lines);
    return lines;
  }

  /** Of who can talk to whom. */
  public static List<String> of(ReachReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("| Workload | Port | From | When |");
    lines.add("|---|---|---|---|");
    for (Reach reach : report.reaches()) {
      String workload = code(reach.place().workload().qualifiedName());
      String port = Words.port(reach.place());
      if (reach.rows().isEmpty()) {
        lines.add("| %s | %s | nobody | |".formatted(workload, port));
      }
      for (Row row : reach.rows()) {
        lines.add(
            "| %s | %s | %s | %s |"
                .formatted(workload, port, cell(Words.from(row)), cell(Words.when(row))));
      }
    }
    end(report.inconclusive().size(), report.assumes(), lines);
    return lines;
  }

  private static void end(int inconclusive, List<String> assumes, List<String> lines) {
    if (inconclusive > 0) {
      lines.add("");
      lines.add(
          "**Inconclusive at %s** (SLV9412): no answer, which is not \"nothing\"."
              .formatted(Words.counted(inconclusive, "place")));
    }
    if (!assumes.isEmpty()) {
      lines.add("");
      lines.add("Assumes: " + cell(String.join(" ", assumes)));
    }
  }

  private static String code(String text) {
    return "`" + text.replace("`", "'").replace("|", "\\|").replaceAll("\\s", " ") + "`";
  }

  private static String cell(String text) {
    return html(text).replace("|", "\\|").replace("*", "\\*").replaceAll("\\s", " ");
  }

  private static String html(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
