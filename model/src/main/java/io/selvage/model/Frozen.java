package io.selvage.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Unmodifiable copies of maps that keep the order in which the user wrote the entries.
 *
 * <p>{@link Map#copyOf} iterates in an order that changes from run to run, which would show in
 * pushed configuration and in golden files.
 */
final class Frozen {
  private Frozen() {}

  static <K, V> Map<K, V> copy(Map<K, V> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
