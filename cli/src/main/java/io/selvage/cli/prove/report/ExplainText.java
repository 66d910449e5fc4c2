package io.selvage.cli.prove.report;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.policy.Explanation;
import io.selvage.policy.Note;
import io.selvage.prove.Enforcer;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.Traced;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What becomes of one request, and why, for people. */
public final class ExplainText {
  private final Mesh mesh;
  private final Page page;
  private final Style style;

  /** For a request to one of the mesh's workloads. */
  public ExplainText(Mesh mesh, Page page, Style style) {
    this.mesh = mesh;
    this.page = page;
    this.style = style;
  }

  /** The lines. */
  public List<String> lines(Place place, SampleRequest request, Traced traced) {
    Lines lines = new Lines(page, style);
    lines.add(style.strong(WitnessCommands.oneLine(place, request)));
    TraceText text = new TraceText(style, Optional.empty());
    lines.fact("to", place.toString());
    lines.fact("as", String.join(", ", WitnessCommands.circumstances(request, Map.of(), true)));
    lines.fact("is", text.verdict(traced));
    lines.addAll(text.lines(place.workload(), traced, " ".repeat(14)));
    lines.fact(
        "peer",
        place.workload().enforcer() == Enforcer.GATEWAY
            ? "a gateway's servers say whom they ask for a certificate"
            : TraceText.peer(traced.peer()));
    traced.policy().map(Explanation::notes).stream()
        .flatMap(List::stream)
        .map(ExplainText::noted)
        .forEach(note -> lines.fact("note", note));
    traced.flip().ifPresent(flip -> lines.fact("flip", flip));
    lines.command("send", WitnessCommands.shell(WitnessCommands.command(place, request)));
    new WitnessCommands(mesh).exec(place, request).ifPresent(line -> lines.command("", line));
    return lines.all();
  }

  private static String noted(Note note) {
    String who = note.ruleId().orElse("dry-run ALLOW policies, none of which matches,");
    return note.shadow()
        ? "%s would %s".formatted(who, note.wouldDeny() ? "deny" : "let it through")
        : who + " records it";
  }
}
