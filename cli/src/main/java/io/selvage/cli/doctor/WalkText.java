package io.selvage.cli.doctor;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.conversation.Hop;
import io.selvage.doctor.conversation.Walk;
import java.util.ArrayList;
import java.util.List;

/** A request's way, a line for each hop. */
public final class WalkText {
  private static final int NAMES = 12;

  private WalkText() {}

  /** The lines, with an empty one at the end. */
  public static List<String> of(Walk walk, Style style, Page page) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s  %s -> %s:%d"
            .formatted(
                style.strong(walk.context()),
                walk.conversation().from(),
                walk.conversation().to(),
                walk.conversation().port()));
    for (Hop hop : walk.hops()) {
      String blanks = " ".repeat(Math.max(1, NAMES - hop.name().length()));
      var wrapped =
          page.wrapped("    " + hop.name() + blanks, 4 + NAMES, Plain.line(hop.summary()));
      lines.add("  " + marked(hop, wrapped.getFirst().substring(4), style));
      lines.addAll(wrapped.subList(1, wrapped.size()));
      for (String detail : hop.details()) {
        lines.addAll(page.wrapped(" ".repeat(4 + NAMES), 4 + NAMES, Plain.line(detail)));
      }
    }
    lines.add("");
    return lines;
  }

  private static String marked(Hop hop, String text, Style style) {
    return switch (hop.status()) {
      case PASS -> style.good(text);
      case WARN -> style.warning(text);
      case FAIL -> style.bad(text);
      case UNKNOWN -> style.unknown(text);
      case SKIP -> "- " + text;
    };
  }
}
