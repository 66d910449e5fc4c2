package io.selvage.prove.atom;

import io.selvage.prove.atom.TextPattern.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Many patterns as one non-deterministic automaton: a tree, since sequences that begin alike share
 * their beginning, in which nodes may loop. A set of its nodes, sorted, is a state.
 */
final class PatternTrie {
  private static final int FEW = 2;

  /** One node; entered by its parent alone. */
  private static final class Node {
    /** What it loops on; {@link CharSet#NONE} for none. */
    final CharSet loop;

    final Map<CharSet, Integer> edges = new HashMap<>();
    final Map<CharSet, Integer> loops = new HashMap<>();
    final List<Integer> accepts = new ArrayList<>();

    Node(CharSet loop) {
      this.loop = loop;
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  // The same, made fast by freeze().
  private CharSet[] loop = {};
  private CharSet[] singles = {};
  private int[][] singleSymbols = {};
  private int[][] singleTargets = {};
  private CharSet[][] wides = {};
  private int[][] wideTargets = {};
  private int[][] accepts = {};
  private int[][] closures = {};

  PatternTrie() {
    nodes.add(new Node(CharSet.NONE));
  }

  /** Adds a pattern. */
  void add(TextPattern pattern, int id) {
    for (List<Item> sequence : pattern.sequences()) {
      int at = 0;
      for (Item item : sequence) {
        at = item.star() ? loop(at, item.set()) : step(at, item.set());
      }
      List<Integer> accepting = nodes.get(at).accepts;
      if (!accepting.contains(id)) {
        accepting.add(id);
      }
    }
  }

  private int loop(int from, CharSet set) {
    Node node = nodes.get(from);
    return node.loop.equals(set)
        ? from
        : node.loops.computeIfAbsent(set, _ -> added(new Node(set)));
  }

  private int step(int from, CharSet set) {
    return nodes.get(from).edges.computeIfAbsent(set, _ -> added(new Node(CharSet.NONE)));
  }

  private int added(Node node) {
    nodes.add(node);
    return nodes.size() - 1;
  }

  /** To be called once all patterns are there. */
  void freeze() {
    int count = nodes.size();
    loop = new CharSet[count];
    singles = new CharSet[count];
    singleSymbols = new int[count][];
    singleTargets = new int[count][];
    wides = new CharSet[count][];
    wideTargets = new int[count][];
    accepts = new int[count][];
    closures = new int[count][];
    for (int i = 0; i < count; i++) {
      freeze(i);
    }
  }

  private void freeze(int index) {
    Node node = nodes.get(index);
    loop[index] = node.loop;
    accepts[index] = node.accepts.stream().mapToInt(Integer::intValue).toArray();
    CharSet single = CharSet.NONE;
    List<int[]> pairs = new ArrayList<>();
    List<CharSet> wide = new ArrayList<>();
    List<Integer> wideTarget = new ArrayList<>();
    for (Map.Entry<CharSet, Integer> edge : node.edges.entrySet()) {
      CharSet set = edge.getKey();
      if (set.size() <= FEW) {
        single = single.or(set);
        for (int s = set.next(0); s >= 0; s = set.next(s + 1)) {
          pairs.add(new int[] {s, edge.getValue()});
        }
      } else {
        wide.add(set);
        wideTarget.add(edge.getValue());
      }
    }
    pairs.sort((p, q) -> Integer.compare(p[0], q[0]));
    singles[index] = single;
    singleSymbols[index] = pairs.stream().mapToInt(pair -> pair[0]).toArray();
    singleTargets[index] = pairs.stream().mapToInt(pair -> pair[1]).toArray();
    wides[index] = wide.toArray(CharSet[]::new);
    wideTargets[index] = wideTarget.stream().mapToInt(Integer::intValue).toArray();
    List<Integer> closure = new ArrayList<>();
    closure(index, closure);
    closures[index] = closure.stream().mapToInt(Integer::intValue).toArray();
  }

  private void closure(int index, List<Integer> into) {
    into.add(index);
    nodes.get(index).loops.values().forEach(next -> closure(next, into));
  }

  /** The state before any symbol. */
  int[] start() {
    int[] start = closures[0].clone();
    Arrays.sort(start);
    return start;
  }

  /** Symbols that lead some node of the state somewhere of their own. */
  CharSet singles(int[] state) {
    CharSet all = CharSet.NONE;
    for (int node : state) {
      all = all.or(singles[node]);
    }
    return all;
  }

  /** Parts the symbols that are no singles by the sets that the state's nodes go by. */
  List<CharSet> parted(int[] state, CharSet rest) {
    List<CharSet> blocks = new ArrayList<>();
    blocks.add(rest);
    CharSet last = CharSet.ALL;
    for (int node : state) {
      if (!loop[node].isEmpty() && !loop[node].equals(last)) {
        last = loop[node];
        blocks = parted(blocks, last);
      }
      for (CharSet wide : wides[node]) {
        blocks = parted(blocks, wide);
      }
    }
    return blocks;
  }

  private static List<CharSet> parted(List<CharSet> blocks, CharSet by) {
    List<CharSet> parts = new ArrayList<>(blocks.size() + 1);
    for (CharSet block : blocks) {
      CharSet inside = block.and(by);
      if (inside.equals(block) || inside.isEmpty()) {
        parts.add(block);
      } else {
        parts.add(inside);
        parts.add(block.without(by));
      }
    }
    return parts;
  }

  /** The state after one more symbol. */
  int[] step(int[] state, int symbol) {
    int[] next = new int[state.length * 2 + 4];
    int size = 0;
    for (int node : state) {
      if (loop[node].has(symbol)) {
        next = added(next, size, closures[node]);
        size += closures[node].length;
      }
      int[] symbols = singleSymbols[node];
      int found = Arrays.binarySearch(symbols, symbol);
      for (int i = found; i >= 0 && symbols[i] == symbol; i--) {
        found = i;
      }
      for (int i = found; i >= 0 && i < symbols.length && symbols[i] == symbol; i++) {
        int[] closure = closures[singleTargets[node][i]];
        next = added(next, size, closure);
        size += closure.length;
      }
      for (int i = 0; i < wides[node].length; i++) {
        if (wides[node][i].has(symbol)) {
          int[] closure = closures[wideTargets[node][i]];
          next = added(next, size, closure);
          size += closure.length;
        }
      }
    }
    return sorted(next, size);
  }

  private static int[] added(int[] list, int size, int[] more) {
    int[] roomy =
        size + more.length > list.length ? Arrays.copyOf(list, 2 * (size + more.length)) : list;
    System.arraycopy(more, 0, roomy, size, more.length);
    return roomy;
  }

  /** Sorted, each once. */
  private static int[] sorted(int[] list, int size) {
    Arrays.sort(list, 0, size);
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (i == 0 || list[i] != list[i - 1]) {
        list[kept++] = list[i];
      }
    }
    return Arrays.copyOf(list, kept);
  }

  /** The patterns that a text which leads to the state matches, sorted. */
  int[] accepted(int[] state) {
    int[] all = {};
    int size = 0;
    for (int node : state) {
      if (accepts[node].length > 0) {
        all = added(all, size, accepts[node]);
        size += accepts[node].length;
      }
    }
    return sorted(all, size);
  }

  /** The patterns that a text matches, sorted. */
  int[] classify(int[] symbols) {
    int[] state = start();
    for (int symbol : symbols) {
      state = step(state, symbol);
    }
    return accepted(state);
  }
}
