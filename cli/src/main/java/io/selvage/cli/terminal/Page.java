package io.selvage.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The width that text is laid out for.
 *
 * @param columns of the terminal; 0 when there is none, and lines stay whole for other programs
 */
public record Page(int columns) {

  private static final int NARROWEST = 40;

  /** As {@code COLUMNS} has it; 80 on a terminal that does not say. */
  public static Page of(Map<String, String> environment, boolean terminal) {
    String columns = environment.getOrDefault("COLUMNS", "");
    if (columns.matches("[1-9]\\d{0,3}")) {
      return new Page(Math.max(NARROWEST, Integer.parseInt(columns)));
    }
    return new Page(terminal ? 80 : 0);
  }

  /**
   * {@code text} after {@code first}, broken at blanks; further lines begin with as many blanks as
   * {@code indent} says. A word that is longer than a line is broken where the line ends.
   */
  public List<String> wrapped(String first, int indent, String text) {
    if (columns == 0) {
      return List.of(first + text);
    }
    var lines = new ArrayList<String>();
    var line = new StringBuilder(first);
    boolean empty = true;
    for (String word : text.split(" ", -1)) {
      if (!empty && line.length() + 1 + word.length() > columns) {
        lines.add(line.toString().stripTrailing());
        line = new StringBuilder(" ".repeat(indent));
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
      while (line.length() > columns) {
        lines.add(line.substring(0, columns));
        line = new StringBuilder(" ".repeat(indent)).append(line.substring(columns));
      }
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }
}
