package io.selvage.prove.atom;

import io.selvage.prove.atom.TextPattern.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    /** Edges by index: the set that is gone by, and the node that it leads to. */
    CharSet[] sets = {};

    int[] targets = {};

    /** Nodes that loop and are entered for nothing. */
    int[] loops = {};

    int[] accepts = {};

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
      Node end = nodes.get(at);
      if (!contains(end.accepts, id)) {
        end.accepts = with(end.accepts, id);
      }
    }
  }

  private static boolean contains(int[] list, int wanted) {
    for (int each : list) {
      if (each == wanted) {
        return true;
      }
    }
    return false;
  }

  private static int[] with(int[] list, int more) {
    int[] longer = Arrays.copyOf(list, list.length + 1);
    longer[list.length] = more;
    return longer;
  }

  private int loop(int from, CharSet set) {
    Node node = nodes.get(from);
    if (node.loop.equals(set)) {
      return from;
    }
    for (int each : node.loops) {
      if (nodes.get(each).loop.equals(set)) {
        return each;
      }
    }
    int made = added(new Node(set));
    node.loops = with(node.loops, made);
    return made;
  }

  private int step(int from, CharSet set) {
    Node node = nodes.get(from);
    for (int i = 0; i < node.sets.length; i++) {
      if (node.sets[i].equals(set)) {
        return node.targets[i];
      }
    }
    int made = added(new Node(CharSet.NONE));
    node.sets = Arrays.copyOf(node.sets, node.sets.length + 1);
    node.sets[node.sets.length - 1] = set;
    node.targets = with(node.targets, made);
    return made;
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
    accepts[index] = node.accepts;
    CharSet single = CharSet.NONE;
    int size = 0;
    int wide = 0;
    for (CharSet set : node.sets) {
      if (set.size() <= FEW) {
        single = single.or(set);
        size += set.size();
      } else {
        wide++;
      }
    }
    long[] pairs = new long[size];
    wides[index] = new CharSet[wide];
    wideTargets[index] = new int[wide];
    for (int i = node.sets.length - 1; i >= 0; i--) {
      CharSet set = node.sets[i];
      if (set.size() <= FEW) {
        for (int s = set.next(0); s >= 0; s = set.next(s + 1)) {
          pairs[--size] = (long) s << 32 | node.targets[i];
        }
      } else {
        wides[index][--wide] = set;
        wideTargets[index][wide] = node.targets[i];
      }
    }
    Arrays.sort(pairs);
    singles[index] = single;
    singleSymbols[index] = new int[pairs.length];
    singleTargets[index] = new int[pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      singleSymbols[index][i] = (int) (pairs[i] >>> 32);
      singleTargets[index][i] = (int) pairs[i];
    }
    closures[index] = closure(index);
  }

  /** The node, and those that it leads to for nothing. */
  private int[] closure(int index) {
    int[] closure = {index};
    for (int next : nodes.get(index).loops) {
      int[] more = closure(next);
      int before = closure.length;
      closure = Arrays.copyOf(closure, before + more.length);
      System.arraycopy(more, 0, closure, before, more.length);
    }
    return closure;
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
