package io.selvage.cli.prove.report;

import io.selvage.policy.Explanation.RuleReport;
import io.selvage.prove.Change;
import io.selvage.prove.Place;
import io.selvage.prove.Row;
import io.selvage.prove.Traced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes that are one for a reader: the same requests, for the same reason, at several places.
 *
 * @param changes at least one
 */
record ChangeGroup(List<Change> changes) {

  ChangeGroup {
    changes = List.copyOf(changes);
  }

  /** The first, which stands for all. */
  Change first() {
    return changes.getFirst();
  }

  /** Where they are, in order. */
  List<Place> places() {
    return changes.stream().map(Change::place).toList();
  }

  /** In the order of their first changes. */
  static List<ChangeGroup> of(List<Change> changes) {
    record Key(Change.Direction direction, List<Row> rows, boolean more, String reason) {}
    Map<Key, List<Change>> groups = new LinkedHashMap<>();
    for (Change change : changes) {
      Key key =
          new Key(
              change.direction(),
              change.rows(),
              change.moreRows(),
              change.witness().before().map(ChangeGroup::reason).orElse("")
                  + " > "
                  + reason(change.witness().after()));
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(change);
    }
    return groups.values().stream().map(ChangeGroup::new).toList();
  }

  /** Which rule, or what instead. */
  static String reason(Traced traced) {
    return TraceText.because(traced) + TraceText.rule(traced).map(RuleReport::ruleId).orElse("");
  }
}
