package io.selvage.prove.atom;

import io.selvage.prove.atom.TextPattern.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.IntPredicate;

/**
 * The texts that a field can have, as a deterministic automaton that only has states from which an
 * end can be reached.
 */
public final class TextDomain {
  static final int DEAD = -1;

  /** Symbols that lead from a state to one and the same other. */
  record Move(CharSet set, int target) {}

  private final boolean[] accepting;
  private final List<List<Move>> moves;

  private TextDomain(boolean[] accepting, List<List<Move>> moves) {
    this.accepting = accepting;
    this.moves = moves;
  }

  /** The automaton of a step function over states {@code 0..states-1}, starting in 0. */
  static TextDomain of(int states, IntBinaryOperator step, IntPredicate accepts) {
    boolean[] accepting = new boolean[states];
    int[][] table = new int[states][256];
    for (int state = 0; state < states; state++) {
      accepting[state] = accepts.test(state);
      for (int symbol = 0; symbol < 256; symbol++) {
        table[state][symbol] = step.applyAsInt(state, symbol);
      }
    }
    return reduced(accepting, table);
  }

  /** States that no text tells apart are one; fewer states are fewer ways to walk in. */
  private static TextDomain reduced(boolean[] accepting, int[][] table) {
    int states = accepting.length;
    int[] kinds = new int[states];
    int count = 0;
    for (int before = -1; before != count; ) {
      before = count;
      Map<List<Integer>, Integer> byBehaviour = new HashMap<>();
      int[] next = new int[states];
      for (int state = 0; state < states; state++) {
        List<Integer> behaviour = new ArrayList<>();
        behaviour.add(kinds[state]);
        behaviour.add(accepting[state] ? 1 : 0);
        for (int to : table[state]) {
          behaviour.add(to == DEAD ? DEAD : kinds[to]);
        }
        next[state] = byBehaviour.computeIfAbsent(behaviour, _ -> byBehaviour.size());
      }
      kinds = next;
      count = byBehaviour.size();
    }
    boolean[] merged = new boolean[count];
    int[][] moves = new int[count][];
    for (int state = 0; state < states; state++) {
      int[] ofKinds = kinds;
      merged[kinds[state]] = accepting[state];
      moves[kinds[state]] =
          Arrays.stream(table[state]).map(to -> to == DEAD ? DEAD : ofKinds[to]).toArray();
    }
    return alive(merged, moves);
  }

  private static TextDomain alive(boolean[] accepting, int[][] table) {
    int states = accepting.length;
    boolean[] alive = accepting.clone();
    for (boolean changed = true; changed; ) {
      changed = false;
      for (int state = 0; state < states; state++) {
        int from = state;
        if (!alive[state] && Arrays.stream(table[from]).anyMatch(to -> to != DEAD && alive[to])) {
          alive[state] = true;
          changed = true;
        }
      }
    }
    List<List<Move>> moves = new ArrayList<>();
    for (int state = 0; state < states; state++) {
      Map<Integer, CharSet> byTarget = new HashMap<>();
      for (int symbol = 0; symbol < 256; symbol++) {
        int to = table[state][symbol];
        if (to != DEAD && alive[to]) {
          byTarget.merge(to, CharSet.of(symbol), CharSet::or);
        }
      }
      List<Move> ordered = new ArrayList<>();
      byTarget.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> ordered.add(new Move(entry.getValue(), entry.getKey())));
      moves.add(List.copyOf(ordered));
    }
    return new TextDomain(accepting, moves);
  }

  /** The texts of a pattern. */
  static TextDomain of(TextPattern pattern) {
    PatternTrie trie = new PatternTrie();
    trie.add(pattern, 0);
    trie.freeze();
    List<int[]> states = new ArrayList<>();
    Map<List<Integer>, Integer> known = new HashMap<>();
    List<int[]> table = new ArrayList<>();
    known.put(boxed(trie.start()), 0);
    states.add(trie.start());
    for (int at = 0; at < states.size(); at++) {
      int[] row = new int[256];
      for (int symbol = 0; symbol < 256; symbol++) {
        int[] next = trie.step(states.get(at), symbol);
        if (next.length == 0) {
          row[symbol] = DEAD;
          continue;
        }
        Integer target = known.get(boxed(next));
        if (target == null) {
          target = states.size();
          known.put(boxed(next), target);
          states.add(next);
        }
        row[symbol] = target;
      }
      table.add(row);
    }
    return of(
        states.size(),
        (state, symbol) -> table.get(state)[symbol],
        state -> trie.accepted(states.get(state)).length > 0);
  }

  private static List<Integer> boxed(int[] state) {
    return Arrays.stream(state).boxed().toList();
  }

  /** The texts of an expression that {@link RegexSequences} reads. */
  static TextDomain ofExpression(String expression) {
    List<List<Item>> sequences = RegexSequences.of(expression, 0, new Symbols());
    return of(new TextPattern(sequences));
  }

  boolean accepts(int state) {
    return accepting[state];
  }

  List<Move> moves(int state) {
    return moves.get(state);
  }

  /** Where a symbol leads, or {@link #DEAD}. */
  int step(int state, int symbol) {
    for (Move move : moves.get(state)) {
      if (move.set().has(symbol)) {
        return move.target();
      }
    }
    return DEAD;
  }

  boolean has(int[] symbols) {
    int state = 0;
    for (int symbol : symbols) {
      state = step(state, symbol);
      if (state == DEAD) {
        return false;
      }
    }
    return accepting[state];
  }
}
