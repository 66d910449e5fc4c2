package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.ReachReport;
import io.selvage.prove.ReachReport.Reach;
import io.selvage.prove.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who can talk to whom, for people: by workload, the ports with the same rows together. */
public final class ReachText {
  private final Mesh mesh;
  private final Page page;
  private final Style style;

  /** For answers about the mesh. */
  public ReachText(Mesh mesh, Page page, Style style) {
    this.mesh = mesh;
    this.page = page;
    this.style = style;
  }

  /** The lines. */
  public List<String> lines(ReachReport report) {
    Lines lines = new Lines(page, style);
    record Key(String workload, List<Row> rows, boolean more) {}
    Map<Key, List<Reach>> groups = new LinkedHashMap<>();
    for (Reach reach : report.reaches()) {
      groups
          .computeIfAbsent(
              new Key(reach.place().workload().qualifiedName(), reach.rows(), reach.moreRows()),
              _ -> new ArrayList<>())
          .add(reach);
    }
    String last = "";
    for (List<Reach> group : groups.values()) {
      String workload = group.getFirst().place().workload().qualifiedName();
      if (!workload.equals(last)) {
        lines.add(last.isEmpty() ? style.strong(workload) : "");
        if (!last.isEmpty()) {
          lines.add(style.strong(workload));
        }
        last = workload;
      }
      print(group, lines);
    }
    if (report.reaches().isEmpty()) {
      lines.text("no workload is selected");
    }
    Assumed.print(report.inconclusive(), lines);
    Assumed.print(lines, report.assumes());
    return lines.all();
  }

  private void print(List<Reach> group, Lines lines) {
    Reach first = group.getFirst();
    List<Place> places = group.stream().map(Reach::place).toList();
    if (first.rows().isEmpty()) {
      lines.text("  " + Words.ports(places) + "  " + style.faint("nobody"));
      return;
    }
    lines.text("  " + Words.ports(places));
    DiffText.rows(first.rows(), first.moreRows(), lines);
    first
        .witness()
        .ifPresent(
            witness -> DiffText.example(new WitnessCommands(mesh), first.place(), witness, lines));
  }
}
