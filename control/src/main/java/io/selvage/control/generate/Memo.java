package io.selvage.control.generate;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A memory of what a pure function gave, for the inputs of this and the last round.
 *
 * <p>This is all the dependency tracking there is: what is generated depends on its input record
 * alone, so equal inputs may share the result, whatever happened to the rest of the mesh. What a
 * whole round did not ask for is forgotten.
 *
 * @param <K> input, with value equality
 * @param <V> result
 */
final class Memo<K, V> {
  private final Function<K, V> function;
  private Map<K, V> last = new HashMap<>();
  private Map<K, V> current = new HashMap<>();
  private int computed;

  Memo(Function<K, V> function) {
    this.function = function;
  }

  /** The function's result for an input. */
  V get(K input) {
    V known = current.get(input);
    if (known != null) {
      return known;
    }
    V result = last.get(input);
    if (result == null) {
      result = function.apply(input);
      computed++;
    }
    current.put(input, result);
    return result;
  }

  /** Begins a round: what the last one asked for is still known, older results are not. */
  void nextRound() {
    last = current;
    current = new HashMap<>();
    computed = 0;
  }

  /** Goes on with the round: all that it asked for stays known. */
  void sameRound() {
    computed = 0;
  }

  /** How many results had to be computed in this round. */
  int computed() {
    return computed;
  }
}
