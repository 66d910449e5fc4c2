package io.selvage.cli.prove.report;

import io.selvage.cli.prove.report.TrafficGraph.Edge;
import io.selvage.cli.prove.report.TrafficGraph.Node;
import io.selvage.cli.prove.report.TrafficGraph.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph as a picture: callers on the left, who is called on the right, each with a line for every
 * caller that says under which conditions. Nothing overlaps, however many there are.
 */
public final class SvgPicture {
  private static final int LEFT = 20;
  private static final int CALLER_WIDTH = 200;
  private static final int CALLER_HEIGHT = 30;
  private static final int RIGHT = 400;
  private static final int CALLED_WIDTH = 480;
  private static final int TITLE = 28;
  private static final int LINE = 20;
  private static final int GAP = 16;
  private static final int TOP = 50;
  private static final int WIDTH = RIGHT + CALLED_WIDTH + 20;

  private final StringBuilder svg = new StringBuilder();
  private final Map<String, Integer> callers = new HashMap<>();

  private SvgPicture() {}

  /**
   * Draws it.
   *
   * @param title over the picture
   */
  public static String of(TrafficGraph graph, String title) {
    return new SvgPicture().draw(graph, title);
  }

  private String draw(TrafficGraph graph, String title) {
    Map<Node, List<Edge>> called = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      List<Edge> edges = graph.edges().stream().filter(e -> e.to().equals(node.name())).toList();
      if (node.called() || !edges.isEmpty()) {
        called.put(node, edges);
      }
    }
    Map<Edge, Integer> ends = new HashMap<>();
    int y = TOP;
    for (var entry : called.entrySet()) {
      int line = y + TITLE;
      for (Edge edge : entry.getValue()) {
        ends.put(edge, line + LINE / 2);
        line += LINE;
      }
      y = bottom(y, entry.getValue()) + GAP;
    }
    List<Node> from = callers(graph, ends);
    int height = Math.max(y, TOP + from.size() * (CALLER_HEIGHT + GAP)) + 30;
    open(height, title);
    place(from, height);
    graph.edges().forEach(edge -> edge(edge, ends.getOrDefault(edge, TOP)));
    from.forEach(this::caller);
    int top = TOP;
    for (var entry : called.entrySet()) {
      called(entry.getKey(), entry.getValue(), top);
      top = bottom(top, entry.getValue()) + GAP;
    }
    legend(graph, height);
    return svg.append("</svg>\n").toString();
  }

  private static int bottom(int top, List<Edge> edges) {
    return top + TITLE + Math.max(1, edges.size()) * LINE + 6;
  }

  /** In the order of those whom they call, so that few lines cross. */
  private static List<Node> callers(TrafficGraph graph, Map<Edge, Integer> ends) {
    List<Node> from = new ArrayList<>(graph.nodes());
    Map<String, Double> middle = new HashMap<>();
    from.forEach(
        node ->
            graph.edges().stream()
                .filter(edge -> edge.from().equals(node.name()))
                .mapToInt(edge -> ends.getOrDefault(edge, 0))
                .average()
                .ifPresent(mean -> middle.put(node.name(), mean)));
    from.removeIf(node -> !middle.containsKey(node.name()));
    from.sort(Comparator.comparingDouble(node -> middle.getOrDefault(node.name(), 0.0)));
    return from;
  }

  private void place(List<Node> from, int height) {
    int space = height - TOP - 30;
    int step = from.isEmpty() ? 0 : space / from.size();
    for (int i = 0; i < from.size(); i++) {
      callers.put(from.get(i).name(), TOP + i * step + step / 2);
    }
  }

  private void open(int height, String title) {
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="system-ui, sans-serif" font-size="13">
        <title>%3$s</title>
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="%4$d" y="28" font-size="15" font-weight="600" fill="#101828">%3$s</text>
        """
            .formatted(WIDTH, height, escaped(shortened(title, 100)), LEFT));
  }

  private void edge(Edge edge, int y) {
    int startX = LEFT + CALLER_WIDTH;
    int startY = callers.getOrDefault(edge.from(), TOP);
    String colour = GraphColour.of(edge);
    String dash = edge.asked() || edge.state() == State.REMOVED ? " stroke-dasharray=\"5 4\"" : "";
    int middle = (startX + RIGHT) / 2;
    svg.append(
        """
        <path d="M%d %d C%d %2$d %3$d %d %d %4$d" fill="none" stroke="%s" stroke-width="%s"%s/>
        <path d="M%5$d %4$d l-8 -4 v8 z" fill="%6$s"/>
        """
            .formatted(
                startX,
                startY,
                middle,
                y,
                RIGHT,
                colour,
                edge.state() == State.UNCHANGED ? "1.3" : "2.2",
                dash));
  }

  private void caller(Node node) {
    int y = callers.getOrDefault(node.name(), TOP) - CALLER_HEIGHT / 2;
    box(LEFT, y, CALLER_WIDTH, CALLER_HEIGHT, node);
    text(LEFT + 12, y + 20, shortened(node.name(), 27), colour(node), node.focus());
  }

  private void called(Node node, List<Edge> edges, int y) {
    box(RIGHT, y, CALLED_WIDTH, bottom(y, edges) - y, node);
    text(RIGHT + 14, y + 19, shortened(node.name(), 60), colour(node), true);
    int line = y + TITLE + 14;
    for (Edge edge : edges) {
      String text = GraphColour.sign(edge.state()) + edge.from() + ":  " + edge.label();
      String colour = edge.state() == State.UNCHANGED ? "#475467" : GraphColour.of(edge);
      text(RIGHT + 14, line, shortened(text, 66), colour, false);
      line += LINE;
    }
    if (edges.isEmpty()) {
      text(RIGHT + 14, line, "nobody", "#98a2b3", false);
    }
  }

  private static String colour(Node node) {
    return node.outside() ? GraphColour.OUTSIDE : "#101828";
  }

  private void box(int x, int y, int width, int height, Node node) {
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n"
            .formatted(
                x,
                y,
                width,
                height,
                node.outside() ? "#fef3f2" : "#f9fafb",
                node.outside() ? GraphColour.OUTSIDE : "#98a2b3",
                node.focus() ? "2.5" : "1"));
  }

  private void text(int x, int y, String text, String colour, boolean strong) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" fill=\"%s\"%s>%s</text>\n"
            .formatted(x, y, colour, strong ? " font-weight=\"600\"" : "", escaped(text)));
  }

  private void legend(TrafficGraph graph, int height) {
    if (graph.edges().stream().allMatch(edge -> edge.state() == State.UNCHANGED)) {
      return;
    }
    int x = LEFT;
    for (State state : List.of(State.ADDED, State.CHANGED, State.REMOVED)) {
      String word =
          switch (state) {
            case ADDED -> "newly possible";
            case CHANGED -> "under other conditions";
            case REMOVED -> "no longer possible";
            case UNCHANGED -> "as before";
          };
      Edge sample = new Edge("", "", "", state, false);
      text(x, height - 12, GraphColour.sign(state) + word, GraphColour.of(sample), true);
      x += 240;
    }
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]", "\uFFFD");
  }
}
