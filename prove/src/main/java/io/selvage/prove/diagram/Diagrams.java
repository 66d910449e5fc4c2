package io.selvage.prove.diagram;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Multi-valued decision diagrams over levels 0..n-1, each with values 0..size-1. A node of a level
 * has edges, each labelled with a set of the level's values; the labels part all of them. Nodes are
 * shared and reduced, so two sets are equal exactly when their ids are. For one thread.
 *
 * <p>{@link #NONE} and {@link #ALL} are the ends; a level that a path passes over may have any
 * value.
 */
public final class Diagrams {
  /** The empty set. */
  public static final int NONE = 0;

  /** Everything. */
  public static final int ALL = 1;

  private static final int AND = 0;
  private static final int OR = 1;
  private static final int WITHOUT = 2;
  private static final int END = Integer.MAX_VALUE;

  /** Two arrays' headers, and a node's places in tables. */
  private static final int BYTES_OF_NODE = 64;

  /** A key, an operation and a result, in a table that is at most half full. */
  private static final int BYTES_OF_RESULT = 32;

  private final int[] sizes;
  private final int[] words;
  private final Meter meter;

  private int count = 2;
  private int[] levels = {END, END};
  private int[][] kids = {{}, {}};
  private long[][] labels = {{}, {}};
  private int[] unique = new int[1 << 10];

  private int cached;
  private long[] cacheKeys = new long[1 << 11];
  private int[] cacheOps = new int[1 << 11];
  private int[] cacheValues = new int[1 << 11];

  /**
   * @param sizes how many values each level has, at least 1
   */
  public Diagrams(int[] sizes, Meter meter) {
    this.sizes = sizes.clone();
    this.words = Arrays.stream(sizes).map(size -> (size + 63) >>> 6).toArray();
    this.meter = meter;
  }

  /** How many nodes were made, the ends included. */
  public int size() {
    return count;
  }

  /** How many levels there are. */
  public int levels() {
    return sizes.length;
  }

  /** How many values a level has. */
  public int size(int level) {
    return sizes[level];
  }

  /** The level that a node decides on; {@link Integer#MAX_VALUE} for the ends. */
  public int level(int node) {
    return levels[node];
  }

  /** The nodes that a node's edges lead to. */
  public int[] kids(int node) {
    return kids[node].clone();
  }

  /** The label of an edge: a bit for each value. */
  public long[] label(int node, int edge) {
    int n = words[levels[node]];
    return Arrays.copyOfRange(labels[node], edge * n, (edge + 1) * n);
  }

  /** The set in which a level has one of the values. */
  public int of(int level, long[] values) {
    int n = words[level];
    long[] inside = Arrays.copyOf(values, n);
    long[] outside = new long[n];
    for (int i = 0; i < n; i++) {
      long all = mask(level, i);
      inside[i] &= all;
      outside[i] = all & ~inside[i];
    }
    return node(level, new int[] {NONE, ALL}, new long[][] {outside, inside});
  }

  private long mask(int level, int word) {
    int rest = sizes[level] - (word << 6);
    return rest >= 64 ? -1L : (1L << rest) - 1;
  }

  /** What is in both. */
  public int and(int a, int b) {
    return apply(AND, Math.min(a, b), Math.max(a, b));
  }

  /** What is in either. */
  public int or(int a, int b) {
    return apply(OR, Math.min(a, b), Math.max(a, b));
  }

  /** What is in {@code a} and not in {@code b}. */
  public int without(int a, int b) {
    return apply(WITHOUT, a, b);
  }

  /** Everything else. */
  public int not(int a) {
    return apply(WITHOUT, ALL, a);
  }

  /**
   * What is in any of them; joined pair by pair, so that no intermediate set is needlessly large.
   */
  public int anyOf(List<Integer> sets) {
    List<Integer> left = new ArrayList<>(sets);
    while (left.size() > 1) {
      List<Integer> next = new ArrayList<>((left.size() + 1) / 2);
      for (int i = 0; i + 1 < left.size(); i += 2) {
        next.add(or(left.get(i), left.get(i + 1)));
      }
      if (left.size() % 2 == 1) {
        next.add(left.getLast());
      }
      left = next;
    }
    return left.isEmpty() ? NONE : left.getFirst();
  }

  /** Whether the values, one a level, are in the set. */
  public boolean has(int set, int[] values) {
    int at = set;
    while (at > ALL) {
      int level = levels[at];
      int n = words[level];
      int value = values[level];
      int edge = 0;
      while ((labels[at][edge * n + (value >> 6)] >>> (value & 63) & 1) == 0) {
        edge++;
      }
      at = kids[at][edge];
    }
    return at == ALL;
  }

  private int apply(int op, int a, int b) {
    int known = trivial(op, a, b);
    if (known >= 0) {
      return known;
    }
    int slot = find(op, a, b);
    if (cacheKeys[slot] != 0) {
      return cacheValues[slot];
    }
    meter.step();
    meter.bytes(BYTES_OF_RESULT);
    int result = expand(op, a, b);
    remember(op, a, b, result);
    return result;
  }

  private static int trivial(int op, int a, int b) {
    return switch (op) {
      case AND -> a == NONE ? NONE : a == ALL || a == b ? b : -1;
      case OR -> a == NONE || a == b ? b : a == ALL ? ALL : -1;
      default -> a == NONE || b == ALL || a == b ? NONE : b == NONE ? a : -1;
    };
  }

  private int expand(int op, int a, int b) {
    int level = Math.min(levels[a], levels[b]);
    if (levels[a] > level || levels[b] > level) {
      boolean byA = levels[a] == level;
      int[] from = kids[byA ? a : b];
      int[] to = new int[from.length];
      long[][] by = new long[from.length][];
      for (int i = 0; i < from.length; i++) {
        to[i] = ordered(op, byA ? from[i] : a, byA ? b : from[i]);
        by[i] = label(byA ? a : b, i);
      }
      return node(level, to, by);
    }
    int n = words[level];
    int most = kids[a].length * kids[b].length;
    int[] to = new int[Math.min(most, 16)];
    long[][] by = new long[to.length][];
    int size = 0;
    for (int i = 0; i < kids[a].length; i++) {
      for (int j = 0; j < kids[b].length; j++) {
        long[] both = intersection(labels[a], i * n, labels[b], j * n, n);
        if (both != null) {
          if (size == to.length) {
            to = Arrays.copyOf(to, size * 2);
            by = Arrays.copyOf(by, size * 2);
          }
          to[size] = ordered(op, kids[a][i], kids[b][j]);
          by[size++] = both;
        }
      }
    }
    return node(level, Arrays.copyOf(to, size), Arrays.copyOf(by, size));
  }

  private int ordered(int op, int a, int b) {
    return op == WITHOUT ? apply(op, a, b) : apply(op, Math.min(a, b), Math.max(a, b));
  }

  private static long @Nullable [] intersection(long[] a, int aFrom, long[] b, int bFrom, int n) {
    long any = 0;
    for (int i = 0; i < n; i++) {
      any |= a[aFrom + i] & b[bFrom + i];
    }
    if (any == 0) {
      return null;
    }
    long[] both = new long[n];
    for (int i = 0; i < n; i++) {
      both[i] = a[aFrom + i] & b[bFrom + i];
    }
    return both;
  }

  /** The node with these edges: edges to one node are made one, empty ones are left out. */
  private int node(int level, int[] to, long[][] by) {
    int n = words[level];
    int size = 0;
    for (int i = 0; i < to.length; i++) {
      if (isEmpty(by[i])) {
        continue;
      }
      int same = 0;
      while (same < size && to[same] != to[i]) {
        same++;
      }
      if (same < size) {
        long[] joined = by[same].clone();
        for (int w = 0; w < n; w++) {
          joined[w] |= by[i][w];
        }
        by[same] = joined;
      } else {
        to[size] = to[i];
        by[size++] = by[i];
      }
    }
    if (size == 1) {
      return to[0];
    }
    return shared(level, size, to, by);
  }

  private int shared(int level, int size, int[] to, long[][] by) {
    for (int i = 1; i < size; i++) { // few, and nearly in order
      int kid = to[i];
      long[] label = by[i];
      int j = i - 1;
      for (; j >= 0 && to[j] > kid; j--) {
        to[j + 1] = to[j];
        by[j + 1] = by[j];
      }
      to[j + 1] = kid;
      by[j + 1] = label;
    }
    int n = words[level];
    int[] sortedKids = Arrays.copyOf(to, size);
    long[] joined = new long[size * n];
    for (int i = 0; i < size; i++) {
      System.arraycopy(by[i], 0, joined, i * n, n);
    }
    int slot = slot(level, sortedKids, joined);
    if (unique[slot] != 0) {
      return unique[slot];
    }
    return added(slot, level, sortedKids, joined);
  }

  private int added(int slot, int level, int[] to, long[] by) {
    meter.nodes(count);
    meter.bytes(BYTES_OF_NODE + 4L * to.length + 8L * by.length);
    if (count == levels.length) {
      levels = Arrays.copyOf(levels, count * 2);
      kids = Arrays.copyOf(kids, count * 2);
      labels = Arrays.copyOf(labels, count * 2);
    }
    levels[count] = level;
    kids[count] = to;
    labels[count] = by;
    unique[slot] = count++;
    if (count * 2 > unique.length) {
      int[] old = unique;
      unique = new int[old.length * 2];
      for (int node : old) {
        if (node != 0) {
          unique[slot(levels[node], kids[node], labels[node])] = node;
        }
      }
    }
    return count - 1;
  }

  private int slot(int level, int[] to, long[] by) {
    int hash = mixed((Arrays.hashCode(to) * 31 + Arrays.hashCode(by)) * 31 + level);
    int mask = unique.length - 1;
    int slot = hash & mask;
    while (unique[slot] != 0) {
      int node = unique[slot];
      if (levels[node] == level
          && Arrays.equals(kids[node], to)
          && Arrays.equals(labels[node], by)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static boolean isEmpty(long[] label) {
    for (long word : label) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  /** Both are at least 1 here (an end may be ALL), so a key is never 0. */
  private int find(int op, int a, int b) {
    long key = (long) a << 32 | b;
    int mask = cacheKeys.length - 1;
    int slot = mixed(Long.hashCode(key * 0x9E3779B97F4A7C15L) + op) & mask;
    while (cacheKeys[slot] != 0 && (cacheKeys[slot] != key || cacheOps[slot] != op)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void remember(int op, int a, int b, int value) {
    if (++cached * 2 > cacheKeys.length) {
      long[] oldKeys = cacheKeys;
      int[] oldOps = cacheOps;
      int[] oldValues = cacheValues;
      cacheKeys = new long[oldKeys.length * 2];
      cacheOps = new int[oldKeys.length * 2];
      cacheValues = new int[oldKeys.length * 2];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldKeys[i] != 0) {
          put(oldOps[i], (int) (oldKeys[i] >>> 32), (int) oldKeys[i], oldValues[i]);
        }
      }
    }
    put(op, a, b, value);
  }

  private void put(int op, int a, int b, int value) {
    int slot = find(op, a, b);
    cacheKeys[slot] = (long) a << 32 | b;
    cacheOps[slot] = op;
    cacheValues[slot] = value;
  }

  private static int mixed(int hash) {
    return hash ^ hash >>> 15 ^ hash >>> 7;
  }
}
