package io.selvage.cli.prove.report;

import io.selvage.prove.Inconclusive;
import java.util.List;

/** What an answer rests on, and where there is none. */
final class Assumed {
  private static final int SHOWN = 10;

  private Assumed() {}

  /** The sentences under {@code assumes}. */
  static void print(Lines lines, List<String> assumes) {
    if (assumes.isEmpty()) {
      return;
    }
    lines.add("");
    for (int i = 0; i < assumes.size(); i++) {
      lines.fact(i == 0 ? "assumes" : "", assumes.get(i));
    }
  }

  /** The places without an answer. */
  static void print(List<Inconclusive> inconclusive, Lines lines) {
    if (inconclusive.isEmpty()) {
      return;
    }
    lines.add("");
    lines.text(
        lines
            .style()
            .bad(
                "INCONCLUSIVE at %s: no answer, which is not \"nothing\" (SLV9412)"
                    .formatted(Words.counted(inconclusive.size(), "place"))));
    inconclusive.stream()
        .limit(SHOWN)
        .forEach(one -> lines.fact("", one.place() + ": " + one.reason()));
    if (inconclusive.size() > SHOWN) {
      lines.fact("", "and %d more".formatted(inconclusive.size() - SHOWN));
    }
  }
}
