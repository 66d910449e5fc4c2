package io.selvage.cli.mesh;

import java.util.ArrayList;
import java.util.List;

/** Remembers what was told, a line for each event: its kind's first letter and its text. */
final class Told implements MeshEvent.Listener {

  private final List<String> lines = new ArrayList<>();

  @Override
  public synchronized void happened(MeshEvent event) {
    lines.add(event.kind().name().charAt(0) + " " + event.text());
  }

  /** What came since the last call. */
  synchronized List<String> taken() {
    var taken = List.copyOf(lines);
    lines.clear();
    return taken;
  }
}
