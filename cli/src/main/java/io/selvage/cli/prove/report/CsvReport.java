package io.selvage.cli.prove.report;

import io.selvage.prove.Change;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Place;
import io.selvage.prove.ReachReport;
import io.selvage.prove.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Answers as comma-separated values (RFC 4180), one line for each row. */
public final class CsvReport {
  private CsvReport() {}

  /** Of who can talk to whom; a port that nobody can call has a line without a caller. */
  public static List<String> of(ReachReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("cluster,namespace,workload,port,protocol,from,known,when");
    report
        .reaches()
        .forEach(
            reach -> {
              if (reach.rows().isEmpty()) {
                lines.add(place(reach.place()) + ",nobody,,");
              }
              reach.rows().forEach(row -> lines.add(place(reach.place()) + "," + row(row)));
            });
    return lines;
  }

  /** Of a diff. */
  public static List<String> of(DiffReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("change,cluster,namespace,workload,port,protocol,from,known,when,example");
    for (Change change : report.changes()) {
      String start =
          change.direction() == Change.Direction.ALLOWED ? "newly allowed," : "newly denied,";
      for (Row row : change.rows()) {
        lines.add(
            start
                + place(change.place())
                + ","
                + row(row)
                + ","
                + field(WitnessCommands.oneLine(change.place(), change.witness().request())));
      }
    }
    return lines;
  }

  private static String place(Place place) {
    return List.of(
            place.workload().cluster(),
            place.workload().namespace(),
            place.workload().name(),
            place.other() ? "other" : Integer.toString(place.number()),
            place.protocol().name())
        .stream()
        .map(CsvReport::field)
        .collect(Collectors.joining(","));
  }

  private static String row(Row row) {
    return field(row.from())
        + ","
        + field(row.known().stream().map(Words::account).collect(Collectors.joining(" ")))
        + ","
        + field(Words.when(row));
  }

  /**
   * In quotes where it needs them; one that a spreadsheet would run as a formula is kept a text.
   */
  private static String field(String text) {
    String safe = text.matches("(?s)[=+@\t\r-].*") ? "'" + text : text;
    return safe.matches("[^\",\r\n]*") ? safe : "\"" + safe.replace("\"", "\"\"") + "\"";
  }
}
