package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts a tree of maps and lists down while something stays true of it: one branch at a time, the
 * large ones first, until no single one can go.
 */
final class Shrinking {
  /** What must stay true. */
  @FunctionalInterface
  interface Condition {
    boolean holds(Map<String, Object> tree) throws Exception;
  }

  /** Without these there is no set, or no name to speak of. */
  private static final Set<String> KEPT =
      Set.of(
          "title", "follows", "cases", "resources", "id", "expect", "apiVersion", "kind", "name");

  private final Condition condition;
  private int stepsLeft;

  /**
   * A shrinking.
   *
   * @param mostSteps how often the condition is tried at most
   */
  Shrinking(Condition condition, int mostSteps) {
    this.condition = condition;
    this.stepsLeft = mostSteps;
  }

  /** The least tree that was found; the given one when the condition does not hold of any less. */
  Map<String, Object> shrunk(Map<String, Object> tree) throws Exception {
    Map<String, Object> least = tree;
    boolean smaller = true;
    while (smaller) {
      smaller = false;
      for (Map<String, Object> candidate : withoutOneBranch(least)) {
        if (stepsLeft-- <= 0) {
          return least;
        }
        if (condition.holds(candidate)) {
          least = candidate;
          smaller = true;
          break;
        }
      }
    }
    return least;
  }

  /** Every tree that lacks one branch, those without a branch near the root first. */
  private static List<Map<String, Object>> withoutOneBranch(Map<String, Object> tree) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int depth = 1; depth < 12; depth++) {
      for (Object each : less(tree, depth)) {
        @SuppressWarnings("unchecked") // a map with less is a map
        Map<String, Object> map = (Map<String, Object>) each;
        all.add(map);
      }
    }
    return all;
  }

  private static List<Object> less(Object node, int depth) {
    List<Object> all = new ArrayList<>();
    switch (node) {
      case Map<?, ?> map ->
          map.forEach(
              (key, value) -> {
                if (depth > 1) {
                  less(value, depth - 1).forEach(part -> all.add(with(map, key, part)));
                } else if (!KEPT.contains(String.valueOf(key))) {
                  all.add(without(map, key));
                }
              });
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          if (depth > 1) {
            for (Object part : less(list.get(i), depth - 1)) {
              List<Object> copy = new ArrayList<>(list);
              copy.set(i, part);
              all.add(copy);
            }
          } else {
            List<Object> copy = new ArrayList<>(list);
            copy.remove(i);
            all.add(copy);
          }
        }
      }
      default -> {}
    }
    return all;
  }

  private static Map<Object, Object> with(Map<?, ?> map, Object key, Object value) {
    Map<Object, Object> copy = new LinkedHashMap<>(map);
    copy.put(key, value);
    return copy;
  }

  private static Map<Object, Object> without(Map<?, ?> map, Object key) {
    Map<Object, Object> copy = new LinkedHashMap<>(map);
    copy.remove(key);
    return copy;
  }
}
