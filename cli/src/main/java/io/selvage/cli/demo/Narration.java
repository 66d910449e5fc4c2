package io.selvage.cli.demo;

import io.selvage.cli.demo.DemoStage.Place;
import io.selvage.cli.terminal.Style;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints the demo at 80 columns and counts which expectations hold. */
final class Narration {

  private static final int WIDTH = 78;
  private static final String PLAIN = "[A-Za-z0-9_./:=,@%+-]+";

  private final PrintWriter out;
  private final Style style;
  private final List<String> failures = new ArrayList<>();
  private int held;
  private String step = "";

  Narration(PrintWriter out, Style style) {
    this.out = out;
    this.style = style;
  }

  /** Begins a step. */
  void step(int number, String title) {
    step = number + ". " + title;
    line("");
    line(style.strong(step));
  }

  /** A sentence of explanation. */
  void says(String sentence) {
    wrapped(sentence).forEach(text -> line("   " + style.faint(text)));
  }

  /** A command as a user can paste it. */
  void command(Place place, List<String> command) {
    line("   " + style.command("$ " + place.typed() + " \\"));
    String indent = "       ";
    var text = new StringBuilder(indent);
    for (String word : command) {
      String quoted = quoted(word);
      if (text.length() + quoted.length() > WIDTH - 4 && text.length() > indent.length()) {
        line(style.command(text + "\\"));
        text.setLength(0);
        text.append(indent).append("  ");
      }
      text.append(quoted).append(' ');
    }
    line(style.command(text.toString().stripTrailing()));
  }

  /** A command of the shell's own. */
  void command(String command) {
    line("   " + style.command("$ " + command));
  }

  /** What a command wrote; what is longer than a line goes on below, further in. */
  void output(String text) {
    text.stripTrailing()
        .lines()
        .flatMap(line -> folded(line).stream())
        .forEach(line -> line("   " + line));
  }

  private static List<String> folded(String line) {
    int room = WIDTH - 3;
    String indent = " ".repeat(line.length() - line.stripLeading().length() + 4);
    var lines = new ArrayList<String>();
    String rest = line;
    while (rest.length() > room) {
      int end = room;
      while (end > room / 2 && " ;,".indexOf(rest.charAt(end - 1)) < 0) {
        end--;
      }
      int at = end > room / 2 ? end : room;
      lines.add(rest.substring(0, at).stripTrailing());
      rest = indent + rest.substring(at);
    }
    lines.add(rest);
    return lines;
  }

  /** Notes whether what was promised is there, and prints it. */
  void expect(boolean holds, String what) {
    if (holds) {
      held++;
      line("   " + style.good(what));
    } else {
      failures.add(step + ": " + what);
      line("   " + style.bad(what));
    }
  }

  /** Prints what was counted; returns whether all expectations hold. */
  boolean summary(double seconds) {
    line("");
    failures.forEach(failure -> line(style.bad(failure)));
    String counted =
        String.format(
            Locale.ROOT,
            "%d of %d expectations hold, in %.1f s",
            held,
            held + failures.size(),
            seconds);
    line(failures.isEmpty() ? style.good(counted) : style.bad(counted));
    return failures.isEmpty();
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  private static String quoted(String word) {
    return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static List<String> wrapped(String sentence) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + word.length() > WIDTH - 4 && !line.isEmpty()) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
