package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.ReachReport.Reach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is odd about policies, for people. */
public final class LintText {
  private static final int SHOWN = 4;

  private final Mesh mesh;
  private final Page page;
  private final Style style;

  /** For findings about the mesh. */
  public LintText(Mesh mesh, Page page, Style style) {
    this.mesh = mesh;
    this.page = page;
    this.style = style;
  }

  /** The lines. */
  public List<String> lines(LintReport report) {
    Lines lines = new Lines(page, style);
    for (LintFinding finding : report.findings()) {
      print(finding, lines);
    }
    plaintext(report.plaintext(), lines);
    lines.text(summary(report));
    Assumed.print(report.inconclusive(), lines);
    Assumed.print(lines, report.assumes());
    return lines.all();
  }

  private static String summary(LintReport report) {
    return report.findings().isEmpty()
        ? report.inconclusive().isEmpty()
            ? "nothing odd about the policies of %s"
                .formatted(Words.counted(report.effort().workloads(), "workload"))
            : "nothing odd found, but not everywhere is an answer"
        : Words.counted(report.findings().size(), "finding")
            + "; `selvage explain CODE` says more of each";
  }

  private void print(LintFinding finding, Lines lines) {
    lines.text(
        style.warning(
            "%s %s  %s"
                .formatted(
                    LintCode.of(finding.kind()), LintCode.title(finding.kind()), finding.at())));
    lines.fact(
        "rule",
        "%s %s%s"
            .formatted(
                finding.action(),
                named(finding),
                finding.rule().map(index -> " rule " + index).orElse("")));
    lines.fact("", finding.text());
    finding.because().stream()
        .limit(SHOWN)
        .forEach(
            one ->
                lines.fact(
                    "because", "%s rule %d  %s".formatted(one.policy(), one.rule(), one.at())));
    if (finding.because().size() > SHOWN) {
      lines.fact("", "and %d more".formatted(finding.because().size() - SHOWN));
    }
    if (!finding.places().isEmpty()) {
      lines.fact("at", places(finding));
    }
    finding
        .witness()
        .filter(_ -> !finding.places().isEmpty())
        .ifPresent(
            witness ->
                DiffText.example(
                    new WitnessCommands(mesh), finding.places().getFirst(), witness, lines));
    lines.add("");
  }

  private static String named(LintFinding finding) {
    return finding.cluster().isEmpty()
        ? finding.policy()
        : finding.cluster() + " " + finding.policy();
  }

  static String places(LintFinding finding) {
    List<String> names =
        finding.places().stream().map(p -> p.workload().qualifiedName()).distinct().toList();
    String some = String.join(", ", names.stream().limit(SHOWN).toList());
    return names.size() > SHOWN ? some + " and %d more".formatted(names.size() - SHOWN) : some;
  }

  private void plaintext(List<Reach> reaches, Lines lines) {
    if (reaches.isEmpty()) {
      return;
    }
    lines.text(style.strong("What callers without an identity may do"));
    record Group(String workload, Object rows) {}
    Map<Group, List<Reach>> groups = new LinkedHashMap<>();
    for (Reach reach : reaches) {
      groups
          .computeIfAbsent(
              new Group(reach.place().workload().qualifiedName(), reach.rows()),
              _ -> new ArrayList<>())
          .add(reach);
    }
    groups.forEach(
        (group, same) -> {
          lines.text(
              "  %s %s"
                  .formatted(
                      group.workload(), Words.ports(same.stream().map(Reach::place).toList())));
          same.getFirst().rows().stream()
              .limit(SHOWN)
              .forEach(row -> lines.fact("when", Words.when(row)));
        });
    lines.add("");
  }
}
