package io.selvage.cli.prove.report;

import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.CheckedAssertion.Status;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.Row;
import io.selvage.prove.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether demands hold, for people. */
public final class CheckText {
  private static final int VIOLATIONS = 3;

  private final Page page;
  private final Style style;

  /** For this page. */
  public CheckText(Page page, Style style) {
    this.page = page;
    this.style = style;
  }

  /** The lines. */
  public List<String> lines(List<CheckedAssertion> checked) {
    Lines lines = new Lines(page, style);
    for (CheckedAssertion one : checked) {
      lines.text(title(one));
      if (one.status() != Status.HOLDS && !one.assertion().why().isEmpty()) {
        lines.fact("why", one.assertion().why());
      }
      print(one, lines);
    }
    lines.add("");
    lines.text(summary(checked));
    assumed(checked, lines);
    return lines.all();
  }

  private String title(CheckedAssertion one) {
    String id = style.strong(one.assertion().id());
    String at = "  " + one.assertion().at();
    return switch (one.status()) {
      case HOLDS ->
          style.good("%s  PROVED at %s%s".formatted(id, Words.counted(one.places(), "place"), at));
      case BROKEN -> style.bad("%s  does not hold (SLV9410)%s".formatted(id, at));
      case SELECTS_NOTHING ->
          style.bad("%s  is about no workload and port (SLV9411)%s".formatted(id, at));
      case INCONCLUSIVE -> style.bad("%s  INCONCLUSIVE (SLV9412)%s".formatted(id, at));
      case EXPIRED ->
          style.bad(
              "%s  holds, but ended on %s (SLV9414)%s"
                  .formatted(id, one.assertion().expires().orElseThrow(), at));
    };
  }

  private void print(CheckedAssertion one, Lines lines) {
    switch (one.status()) {
      case HOLDS -> {}
      case BROKEN -> {
        List<List<Verdict.Violation>> groups = groups(one.violations());
        groups.stream().limit(VIOLATIONS).forEach(group -> print(one, group, lines));
        more(groups.size(), lines);
        if (!one.changes().isEmpty()) {
          DiffText diff = new DiffText(one.base(), one.head(), page, style);
          ChangeGroup.of(one.changes()).stream()
              .limit(VIOLATIONS)
              .forEach(group -> diff.print(group, lines));
          more(ChangeGroup.of(one.changes()).size(), lines);
        }
        Assumed.print(one.inconclusive(), lines);
      }
      case SELECTS_NOTHING ->
          lines.fact("", "correct `to`, or say allowEmpty: true if that is meant");
      case INCONCLUSIVE -> Assumed.print(one.inconclusive(), lines);
      case EXPIRED -> lines.fact("", "renew `expires`, or remove the assertion");
    }
  }

  private static void more(int count, Lines lines) {
    if (count > VIOLATIONS) {
      lines.fact("", "and at %d more places".formatted(count - VIOLATIONS));
    }
  }

  /** Those that are one for a reader: the same requests, for the same reason. */
  private static List<List<Verdict.Violation>> groups(List<Verdict.Violation> violations) {
    record Key(List<Row> rows, boolean more, String reason, Optional<String> note) {}
    Map<Key, List<Verdict.Violation>> groups = new LinkedHashMap<>();
    for (Verdict.Violation one : violations) {
      Key key =
          new Key(
              one.rows(), one.moreRows(), ChangeGroup.reason(one.witness().after()), one.note());
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(one);
    }
    return List.copyOf(groups.values());
  }

  private void print(CheckedAssertion one, List<Verdict.Violation> group, Lines lines) {
    Verdict.Violation first = group.getFirst();
    lines.fact("at", Words.places(group.stream().map(Verdict.Violation::place).toList()));
    first.note().ifPresent(note -> lines.fact("note", note));
    DiffText.rows(first.rows(), first.moreRows(), lines);
    DiffText.example(new WitnessCommands(one.head()), first.place(), first.witness(), lines);
    TraceText text = new TraceText(style, Optional.empty());
    lines.fact("is", text.verdict(first.witness().after()));
    lines.addAll(text.lines(first.place().workload(), first.witness().after(), " ".repeat(14)));
  }

  /** What the proofs rest on; once, where all rest on the same. */
  private static void assumed(List<CheckedAssertion> checked, Lines lines) {
    Map<List<String>, List<String>> ids = new LinkedHashMap<>();
    checked.stream()
        .filter(one -> one.status() == Status.HOLDS && !one.assumes().isEmpty())
        .forEach(
            one ->
                ids.computeIfAbsent(one.assumes(), _ -> new ArrayList<>())
                    .add(one.assertion().id()));
    ids.forEach(
        (assumes, of) -> {
          Assumed.print(lines, assumes);
          if (ids.size() > 1) {
            lines.fact("of", String.join(", ", of));
          }
        });
  }

  private String summary(List<CheckedAssertion> checked) {
    String parts =
        List.of(Status.values()).stream()
            .map(
                status ->
                    new Counted(status, checked.stream().filter(c -> c.status() == status).count()))
            .filter(counted -> counted.count() > 0)
            .map(Counted::words)
            .collect(Collectors.joining(", "));
    return "%s: %s".formatted(Words.counted(checked.size(), "assertion"), parts);
  }

  private record Counted(Status status, long count) {
    String words() {
      return count
          + switch (status) {
            case HOLDS -> " proved";
            case BROKEN -> " broken";
            case SELECTS_NOTHING -> " about nothing";
            case INCONCLUSIVE -> " inconclusive";
            case EXPIRED -> " expired";
          };
    }
  }
}
