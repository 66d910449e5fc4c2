package io.selvage.policy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes by texts that are a string's whole, its beginning, or its end. */
final class TextIndex {
  private final boolean fold;
  private final @Nullable ByteTable<Node> whole;
  private final @Nullable ByteTable<Node> starts;
  private final @Nullable ByteTable<Node> ends;
  private final int[] startLengths;
  private final int[] endLengths;
  private final int longestEnd;

  /**
   * @param byKey nodes by {@link IndexKey.Whole}, {@link IndexKey.Start} and {@link IndexKey.End};
   *     other keys are not looked at
   * @param fold whether ASCII case is ignored; keys are in lower case then
   */
  TextIndex(Map<IndexKey, Node> byKey, boolean fold) {
    Map<String, Node> wholes = new HashMap<>();
    Map<String, Node> prefixes = new HashMap<>();
    Map<String, Node> suffixes = new HashMap<>();
    byKey.forEach(
        (key, node) -> {
          switch (key) {
            case IndexKey.Whole(String text, _) -> wholes.put(text, node);
            case IndexKey.Start(String text, _) -> prefixes.put(text, node);
            case IndexKey.End(String text, _) -> suffixes.put(text, node);
            case IndexKey.Namespace _,
                IndexKey.Account _,
                IndexKey.Block _,
                IndexKey.PortNumber _ -> {}
          }
        });
    this.fold = fold;
    this.whole = wholes.isEmpty() ? null : new ByteTable<>(wholes, false);
    this.starts = prefixes.isEmpty() ? null : new ByteTable<>(prefixes, false);
    this.ends = suffixes.isEmpty() ? null : new ByteTable<>(suffixes, true);
    this.startLengths = lengths(prefixes);
    this.endLengths = lengths(suffixes);
    this.longestEnd = endLengths.length == 0 ? 0 : endLengths[endLengths.length - 1];
  }

  private static int[] lengths(Map<String, Node> byText) {
    return byText.keySet().stream().mapToInt(String::length).distinct().sorted().toArray();
  }

  /** ASCII lower case of a key's text, which may be any string of bytes. */
  static String folded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = StringTest.fold(bytes[i]);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Pushes every node whose key {@code array[from, to)} satisfies. */
  void push(Subject subject, byte[] array, int from, int to) {
    if (whole != null || starts != null) {
      pushFromStart(subject, array, from, to);
    }
    if (ends != null) {
      pushFromEnd(subject, ends, array, from, to);
    }
  }

  private void pushFromStart(Subject subject, byte[] array, int from, int to) {
    int hash = 0;
    int at = from;
    if (starts != null) {
      for (int length : startLengths) {
        if (length > to - from) {
          break;
        }
        hash = roll(hash, array, at, from + length);
        at = from + length;
        pushFound(subject, starts.get(array, from, at, hash, fold));
      }
    }
    if (whole != null) {
      pushFound(subject, whole.get(array, from, to, roll(hash, array, at, to), fold));
    }
  }

  private int roll(int hash, byte[] array, int from, int to) {
    int rolled = hash;
    for (int i = from; i < to; i++) {
      byte b = array[i];
      rolled = ByteTable.roll(rolled, fold ? StringTest.fold(b) : b);
    }
    return rolled;
  }

  private void pushFromEnd(Subject subject, ByteTable<Node> table, byte[] array, int from, int to) {
    int hash = 0;
    int next = 0;
    int last = Math.max(from, to - longestEnd);
    for (int i = to - 1; i >= last; i--) {
      hash = ByteTable.roll(hash, fold ? StringTest.fold(array[i]) : array[i]);
      if (endLengths[next] == to - i) {
        pushFound(subject, table.get(array, i, to, hash, fold));
        if (++next == endLengths.length) {
          return;
        }
      }
    }
  }

  private static void pushFound(Subject subject, @Nullable Node node) {
    if (node != null) {
      subject.push(node);
    }
  }
}
