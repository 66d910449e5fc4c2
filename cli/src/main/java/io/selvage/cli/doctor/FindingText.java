package io.selvage.cli.doctor;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.report.Shown;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One finding in lines: what is broken, since when, what it breaks, what was seen, why, and the
 * next command.
 */
final class FindingText {
  private static final int INDENT = 4;
  private static final int NAMES = 9;
  private static final int FACTS = 4;
  private static final int OBJECTS = 3;

  private final Instant now;
  private final Style style;
  private final Page page;
  private final boolean whole;
  private List<String> lines = new ArrayList<>();

  /**
   * @param whole whether everything that was seen is shown, however long
   */
  FindingText(Instant now, Style style, Page page, boolean whole) {
    this.now = now;
    this.style = style;
    this.page = page;
    this.whole = whole;
  }

  /** Its lines. */
  List<String> of(Finding finding) {
    lines = new ArrayList<>();
    Result result = finding.result();
    title(result);
    result.since().ifPresent(since -> row("since", Shown.since(since, now)));
    result.effect().ifPresent(effect -> row("effect", effect));
    if (!result.objects().isEmpty()) {
      row("where", objects(result));
    }
    int facts = whole ? result.evidence().size() : Math.min(FACTS, result.evidence().size());
    for (Result.Fact fact : result.evidence().subList(0, facts)) {
      row("seen", fact.text() + (fact.source().isEmpty() ? "" : "  [" + fact.source() + "]"));
    }
    if (result.evidence().size() > facts) {
      row("", "and %d more (-o wide)".formatted(result.evidence().size() - facts));
    }
    result.cause().ifPresent(cause -> row("cause", cause));
    finding
        .explains()
        .forEach(below -> row("explains", below.result().code() + ": " + below.result().summary()));
    result.next().ifPresent(next -> command("next", next));
    Shown.command(finding)
        .ifPresent(
            fix -> {
              command("fix", fix);
              String consent = Shown.consent(finding.check().fix());
              if (!consent.isEmpty()) {
                row("", "(" + consent + ")");
              }
            });
    return lines;
  }

  /** How to read more of what has that code. */
  String more(String code) {
    return " ".repeat(INDENT + 2)
        + style.faint("more")
        + " ".repeat(NAMES - "more".length())
        + style.command("selvage explain " + code);
  }

  private void title(Result result) {
    String code = result.code();
    var wrapped =
        page.wrapped(
            " ".repeat(INDENT) + code + "  ",
            INDENT + code.length() + 2,
            Plain.line(result.summary()));
    String first = wrapped.getFirst();
    String shown = result.status() == Status.FAIL ? style.strong(code) : code;
    lines.add(first.replace(code, shown));
    lines.addAll(wrapped.subList(1, wrapped.size()));
  }

  private String objects(Result result) {
    int shown = whole ? result.objects().size() : Math.min(OBJECTS, result.objects().size());
    String text =
        result.objects().subList(0, shown).stream()
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    return result.objects().size() > shown
        ? text + " and " + (result.objects().size() - shown) + " more (-o wide)"
        : text;
  }

  private void row(String name, String text) {
    String label = name;
    for (String line : Plain.text(text).split("\n", -1)) {
      String blanks = " ".repeat(Math.max(1, NAMES - label.length()));
      var wrapped = page.wrapped(" ".repeat(INDENT + 2) + label + blanks, INDENT + 2 + NAMES, line);
      String first = wrapped.getFirst();
      lines.add(
          " ".repeat(INDENT + 2)
              + (label.isEmpty() ? "" : style.faint(label))
              + first.substring(Math.min(first.length(), INDENT + 2 + label.length())));
      lines.addAll(wrapped.subList(1, wrapped.size()));
      label = "";
    }
  }

  /** A command is never broken: it is there to be copied. */
  private void command(String name, String text) {
    for (String line : Plain.text(text).split("\n", -1)) {
      lines.add(
          " ".repeat(INDENT + 2)
              + style.faint(name)
              + " ".repeat(Math.max(1, NAMES - name.length()))
              + style.command(line));
    }
  }
}
