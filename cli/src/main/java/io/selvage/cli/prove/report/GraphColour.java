package io.selvage.cli.prove.report;

import io.selvage.cli.prove.report.TrafficGraph.Edge;
import io.selvage.cli.prove.report.TrafficGraph.State;

/** Colours of graphs. A sign before the label says the same, for those who don't see them. */
final class GraphColour {
  /** Callers from outside of the mesh. */
  static final String OUTSIDE = "#b42318";

  private GraphColour() {}

  static String of(Edge edge) {
    return switch (edge.state()) {
      case UNCHANGED -> edge.from().equals(TrafficGraph.PLAINTEXT) ? OUTSIDE : "#667085";
      case ADDED -> "#067647";
      case REMOVED -> "#b42318";
      case CHANGED -> "#9e19a6";
    };
  }

  static String sign(State state) {
    return switch (state) {
      case UNCHANGED -> "";
      case ADDED -> "+ ";
      case REMOVED -> "- ";
      case CHANGED -> "~ ";
    };
  }
}
