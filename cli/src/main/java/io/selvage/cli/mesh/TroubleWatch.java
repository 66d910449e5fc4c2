package io.selvage.cli.mesh;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells each trouble once when it begins and once when it is over. */
final class TroubleWatch {

  private final MeshEvent.Listener events;
  private Map<String, Trouble> known = Map.of();

  TroubleWatch(MeshEvent.Listener events) {
    this.events = events;
  }

  /** Compares what is amiss now with what was amiss before. */
  synchronized void look(List<Trouble> troubles) {
    var now = new LinkedHashMap<String, Trouble>();
    troubles.forEach(trouble -> now.putIfAbsent(trouble.about(), trouble));
    now.forEach(
        (about, trouble) -> {
          Trouble before = known.get(about);
          if (before == null || before.urgent() != trouble.urgent()) {
            if (trouble.urgent()) {
              events.bad(trouble.text());
            } else {
              events.warning(trouble.text());
            }
          }
        });
    known.keySet().stream()
        .filter(about -> !now.containsKey(about))
        .forEach(about -> events.good(about + " is well again"));
    known = Map.copyOf(now);
  }
}
