package io.selvage.cli.command;

import io.selvage.cli.mesh.MeshEvent;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Prints what happens to a mesh that is up, a line for each event, with the time of day. */
final class EventPrinter implements MeshEvent.Listener {

  private static final int TIME_AND_SYMBOL = 11;

  private final PrintWriter out;
  private final Style style;
  private final Page page;
  private final InstantSource clock;

  EventPrinter(PrintWriter out, Style style, Page page, InstantSource clock) {
    this.out = out;
    this.style = style;
    this.page = page;
    this.clock = clock;
  }

  @Override
  public synchronized void happened(MeshEvent event) {
    String symbol =
        switch (event.kind()) {
          case NOTE -> " ";
          case GOOD -> "√";
          case WARNING -> "!";
          case BAD -> "×";
        };
    String time =
        LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault())
            .truncatedTo(ChronoUnit.SECONDS)
            .format(java.time.format.DateTimeFormatter.ISO_LOCAL_TIME);
    List<String> text = event.text().lines().toList();
    for (int i = 0; i < text.size(); i++) {
      String first = i == 0 ? time + " " + symbol + " " : " ".repeat(TIME_AND_SYMBOL);
      List<String> lines = page.wrapped(first, TIME_AND_SYMBOL, text.get(i).strip());
      for (int j = 0; j < lines.size(); j++) {
        out.println(
            i == 0 && j == 0 ? coloured(event.kind(), lines.get(j), time.length()) : lines.get(j));
      }
    }
    out.flush();
  }

  private String coloured(MeshEvent.Kind kind, String line, int time) {
    String text = line.substring(Math.min(line.length(), time + 3));
    return style.faint(line.substring(0, time))
        + " "
        + switch (kind) {
          case NOTE -> "  " + text;
          case GOOD -> style.good(text);
          case WARNING -> style.warning(text);
          case BAD -> style.bad(text);
        };
  }
}
