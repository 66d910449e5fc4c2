package io.selvage.cli.prove.report;

import io.selvage.cli.prove.report.TrafficGraph.Edge;
import io.selvage.cli.prove.report.TrafficGraph.Node;
import io.selvage.cli.prove.report.TrafficGraph.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph in the languages that draw graphs. */
public final class GraphText {
  private GraphText() {}

  /** Graphviz. */
  public static List<String> dot(TrafficGraph graph) {
    List<String> lines = new ArrayList<>();
    lines.add("digraph mesh {");
    lines.add("  rankdir=LR;");
    lines.add("  node [shape=box, style=rounded, fontname=\"sans-serif\"];");
    lines.add("  edge [fontname=\"sans-serif\", fontsize=10];");
    for (Node node : graph.nodes()) {
      String look =
          node.outside()
              ? " [color=\"%s\", fontcolor=\"%1$s\"]".formatted(GraphColour.OUTSIDE)
              : node.focus() ? " [penwidth=2]" : "";
      lines.add("  " + dotQuoted(node.name()) + look + ";");
    }
    for (Edge edge : graph.edges()) {
      lines.add(
          "  %s -> %s [label=%s, color=\"%s\", fontcolor=\"%4$s\"%s];"
              .formatted(
                  dotQuoted(edge.from()),
                  dotQuoted(edge.to()),
                  dotQuoted(GraphColour.sign(edge.state()) + edge.label()),
                  GraphColour.of(edge),
                  edge.asked() || edge.state() == State.REMOVED ? ", style=dashed" : ""));
    }
    lines.add("}");
    return lines;
  }

  private static String dotQuoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** Mermaid, which Markdown shows on GitHub. */
  public static List<String> mermaid(TrafficGraph graph) {
    List<String> lines = new ArrayList<>();
    Map<String, String> ids = new HashMap<>();
    lines.add("flowchart LR");
    for (Node node : graph.nodes()) {
      String id = "n" + ids.size();
      ids.put(node.name(), id);
      lines.add("  %s[\"%s\"]".formatted(id, mermaidText(node.name())));
      if (node.outside()) {
        lines.add("  style %s stroke:%s,color:%2$s".formatted(id, GraphColour.OUTSIDE));
      } else if (node.focus()) {
        lines.add("  style %s stroke-width:3px".formatted(id));
      }
    }
    for (Edge edge : graph.edges()) {
      boolean dashed = edge.asked() || edge.state() == State.REMOVED;
      lines.add(
          "  %s %s|\"%s\"| %s"
              .formatted(
                  ids.get(edge.from()),
                  dashed ? "-.->" : "-->",
                  mermaidText(GraphColour.sign(edge.state()) + edge.label()),
                  ids.get(edge.to())));
    }
    for (int i = 0; i < graph.edges().size(); i++) {
      Edge edge = graph.edges().get(i);
      if (edge.state() != State.UNCHANGED) {
        lines.add("  linkStyle %d stroke:%s,color:%2$s".formatted(i, GraphColour.of(edge)));
      }
    }
    return lines;
  }

  /** Mermaid has HTML's entities with a hash sign. */
  private static String mermaidText(String text) {
    StringBuilder clean = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (Character.isLetterOrDigit(c) || " ./-_:,=+()…*".indexOf(c) >= 0) {
                clean.append((char) c);
              } else {
                clean.append('#').append(c).append(';');
              }
            });
    return clean.toString();
  }
}
