package io.selvage.prove.diagram;

import java.util.ArrayList;
import java.util.List;

/** A set as a union of boxes: one for each path of its diagram. */
public final class Cubes {
  /** One level's values in a box. */
  @SuppressWarnings("ArrayRecordComponent") // never compared or shown
  public record Side(int level, long[] values) {}

  private final Diagrams diagrams;
  private final int most;
  private final List<List<Side>> found = new ArrayList<>();

  private Cubes(Diagrams diagrams, int most) {
    this.diagrams = diagrams;
    this.most = most;
  }

  /** The first {@code most} boxes of a set; a level that isn't in a box has any value. */
  public static List<List<Side>> of(Diagrams diagrams, int set, int most) {
    Cubes cubes = new Cubes(diagrams, most);
    cubes.walk(set, new ArrayList<>());
    return List.copyOf(cubes.found);
  }

  private void walk(int node, List<Side> path) {
    if (node == Diagrams.NONE || found.size() == most) {
      return;
    }
    if (node == Diagrams.ALL) {
      found.add(List.copyOf(path));
      return;
    }
    int[] kids = diagrams.kids(node);
    for (int i = kids.length - 1; i >= 0; i--) {
      path.add(new Side(diagrams.level(node), diagrams.label(node, i)));
      walk(kids[i], path);
      path.removeLast();
    }
  }
}
