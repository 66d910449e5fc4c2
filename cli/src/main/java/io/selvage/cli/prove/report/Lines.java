package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import java.util.ArrayList;
import java.util.List;

/** Lines of text that are being written: facts with a name before them, laid out for the page. */
final class Lines {
  private static final int NAME = 8;

  private final Page page;
  private final Style style;
  private final List<String> lines = new ArrayList<>();

  Lines(Page page, Style style) {
    this.page = page;
    this.style = style;
  }

  Style style() {
    return style;
  }

  Lines add(String line) {
    lines.add(line);
    return this;
  }

  Lines addAll(List<String> more) {
    lines.addAll(more);
    return this;
  }

  /** Running text. */
  Lines text(String text) {
    lines.addAll(page.wrapped("", 2, text));
    return this;
  }

  /** {@code when method = POST}. */
  Lines fact(String name, String value) {
    String start = "    " + (name + " ".repeat(Math.max(1, NAME - name.length())));
    lines.addAll(page.wrapped(start, 4 + NAME, value));
    return this;
  }

  /** A command, which is never broken: it is to be copied. */
  Lines command(String name, String command) {
    String start = "    " + (name + " ".repeat(Math.max(1, NAME - name.length())));
    lines.add(start + style.command(command));
    return this;
  }

  List<String> all() {
    return List.copyOf(lines);
  }
}
