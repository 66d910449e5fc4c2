package io.selvage.cli.doctor;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.Range;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.report.Shown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A diagnosis for whoever is woken by it: for each cluster what is broken first, with its evidence
 * and the next command, then what could not be seen, then the rest in a line for each range.
 */
public final class TextReport {
  private static final int MOST_OF_A_CODE = 5;

  private final Diagnosis diagnosis;
  private final Style style;
  private final Page page;
  private final boolean whole;
  private final List<String> lines = new ArrayList<>();

  private TextReport(Diagnosis diagnosis, Style style, Page page, boolean whole) {
    this.diagnosis = diagnosis;
    this.style = style;
    this.page = page;
    this.whole = whole;
  }

  /**
   * The lines of the report.
   *
   * @param whole whether everything is shown, also what is fine ({@code -o wide})
   */
  public static List<String> of(Diagnosis diagnosis, Style style, Page page, boolean whole) {
    var report = new TextReport(diagnosis, style, page, whole);
    for (Diagnosis.Examined cluster : diagnosis.clusters()) {
      report.place(
          style.strong(cluster.context()) + "  " + Plain.line(Shown.mesh(cluster)),
          Optional.of(cluster.context()));
    }
    report.place(
        style.strong("across")
            + " "
            + diagnosis.clusters().stream()
                .map(Diagnosis.Examined::context)
                .collect(Collectors.joining(", ")),
        Optional.empty());
    report.notProbed();
    diagnosis.expired().forEach(report::expired);
    report.lines.add(Shown.counts(diagnosis));
    return report.lines;
  }

  private void place(String title, Optional<String> context) {
    var here =
        diagnosis.findings().stream()
            .filter(finding -> finding.result().context().equals(context))
            .toList();
    boolean isBetween = context.isEmpty();
    if (here.isEmpty()
        || (isBetween
            && !whole
            && here.stream().allMatch(one -> one.result().status() == Status.SKIP))) {
      return;
    }
    lines.add(title);
    Map<Range, List<Finding>> ranges = new EnumMap<>(Range.class);
    here.forEach(
        finding ->
            ranges
                .computeIfAbsent(Range.of(finding.result().code()), _ -> new ArrayList<>())
                .add(finding));
    ranges.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> -urgency(entry.getValue())))
        .forEach(entry -> range(entry.getKey(), entry.getValue()));
    lines.add("");
  }

  private static int urgency(List<Finding> findings) {
    return findings.stream().mapToInt(TextReport::urgency).max().orElse(0);
  }

  private static int urgency(Finding finding) {
    if (finding.ignored().isPresent()) {
      return 0;
    }
    return switch (finding.result().status()) {
      case FAIL -> 3;
      case WARN -> 2;
      case UNKNOWN -> 1;
      case PASS, SKIP -> 0;
    };
  }

  private void range(Range range, List<Finding> findings) {
    String name = "%-7s %-17s ".formatted(range.codes().substring(3), range.title());
    String counts = counts(findings);
    lines.add(
        "  "
            + switch (urgency(findings)) {
              case 3 -> style.bad(name + counts);
              case 2 -> style.warning(name + counts);
              case 1 -> style.unknown(name + counts);
              default ->
                  findings.stream().anyMatch(one -> shown(one) == Status.PASS)
                      ? style.good(name + counts)
                      : style.faint("- " + name + counts);
            });
    for (int urgency : List.of(3, 2)) {
      Map<String, List<Finding>> byCode = new LinkedHashMap<>();
      findings.stream()
          .filter(finding -> urgency(finding) == urgency)
          .forEach(
              finding ->
                  byCode
                      .computeIfAbsent(finding.result().code(), _ -> new ArrayList<>())
                      .add(finding));
      byCode.values().forEach(this::findings);
    }
    unseen(findings);
    findings.stream().filter(finding -> finding.ignored().isPresent()).forEach(this::ignored);
    if (whole) {
      fine(findings);
    }
  }

  private void findings(List<Finding> ofOneCode) {
    int shown = whole ? ofOneCode.size() : Math.min(MOST_OF_A_CODE, ofOneCode.size());
    var text = new FindingText(diagnosis.taken(), style, page, whole);
    for (Finding finding : ofOneCode.subList(0, shown)) {
      lines.addAll(text.of(finding));
    }
    if (ofOneCode.size() > shown) {
      lines.add(
          "    and %d more of %s (-o wide)"
              .formatted(ofOneCode.size() - shown, ofOneCode.getFirst().result().code()));
    }
    lines.add(text.more(ofOneCode.getFirst().result().code()));
  }

  /** What could not be seen, by why: one missing right may hide many checks. */
  private void unseen(List<Finding> findings) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    findings.stream()
        .map(Finding::result)
        .filter(result -> result.status() == Status.UNKNOWN && !result.forWantOfProbes())
        .forEach(
            result ->
                byReason
                    .computeIfAbsent(result.summary(), _ -> new ArrayList<>())
                    .add(result.code()));
    byReason.forEach(
        (why, codes) ->
            lines.addAll(
                page.wrapped(
                    "    " + codes.stream().distinct().collect(Collectors.joining(" ")) + "  ",
                    6,
                    Plain.line(why))));
  }

  /** What only traffic shows is not missing in one range: it was not asked for. */
  private void notProbed() {
    var codes =
        diagnosis.results().stream()
            .filter(result -> result.status() == Status.UNKNOWN && result.forWantOfProbes())
            .map(Result::code)
            .distinct()
            .toList();
    if (!codes.isEmpty()) {
      lines.addAll(
          page.wrapped(
              "",
              2,
              "? only --probe can tell, by requests of its own: " + String.join(" ", codes)));
    }
  }

  private void ignored(Finding finding) {
    finding
        .ignored()
        .ifPresent(
            entry ->
                lines.addAll(
                    page.wrapped(
                        "    " + finding.result().code() + "  ",
                        6,
                        "ignored until %s: %s (%s)"
                            .formatted(entry.until(), entry.reason(), entry.source()))));
  }

  private void fine(List<Finding> findings) {
    findings.stream()
        .map(Finding::result)
        .filter(result -> result.status() == Status.PASS || result.status() == Status.SKIP)
        .forEach(
            result ->
                lines.addAll(
                    page.wrapped(
                        "    "
                            + (result.status() == Status.PASS ? style.tick() : "-")
                            + " "
                            + result.code()
                            + "  ",
                        6,
                        Plain.line(result.summary()))));
  }

  private void expired(Ignored.Entry entry) {
    lines.addAll(
        page.wrapped(
            "",
            2,
            "! the entry for %s in %s expired on %s: %s"
                .formatted(entry.code(), entry.source(), entry.until(), entry.reason())));
  }

  private static String counts(List<Finding> findings) {
    Map<Status, Integer> byStatus = new TreeMap<>();
    Map<String, Status> worst = new LinkedHashMap<>();
    findings.forEach(
        finding -> worst.merge(finding.result().code(), shown(finding), TextReport::worse));
    worst.values().forEach(status -> byStatus.merge(status, 1, Integer::sum));
    var parts = new ArrayList<String>();
    part(byStatus, Status.FAIL, "failed", parts);
    part(byStatus, Status.WARN, "to look at", parts);
    part(byStatus, Status.UNKNOWN, "unknown", parts);
    part(byStatus, Status.PASS, "ok", parts);
    part(byStatus, Status.SKIP, "skipped", parts);
    return String.join(", ", parts);
  }

  private static Status shown(Finding finding) {
    return finding.ignored().isPresent() ? Status.SKIP : finding.result().status();
  }

  private static Status worse(Status one, Status other) {
    List<Status> order =
        List.of(Status.SKIP, Status.PASS, Status.UNKNOWN, Status.WARN, Status.FAIL);
    return order.indexOf(one) >= order.indexOf(other) ? one : other;
  }

  private static void part(
      Map<Status, Integer> byStatus, Status status, String word, List<String> to) {
    int count = byStatus.getOrDefault(status, 0);
    if (count > 0) {
      to.add(count + " " + word);
    }
  }
}
