package io.selvage.policy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Many texts, of which a string must equal, begin with or end with one: tested in one pass over the
 * string, however many they are.
 */
final class TextSet implements StringTest {
  private final boolean fold;
  private final ByteTable<Boolean> wholes;
  private final ByteTable<Boolean> starts;
  private final ByteTable<Boolean> ends;
  private final int[] startLengths;
  private final int[] endLengths;

  private TextSet(List<StringMatch> matches, boolean fold) {
    Map<String, Boolean> whole = new HashMap<>();
    Map<String, Boolean> start = new HashMap<>();
    Map<String, Boolean> end = new HashMap<>();
    for (StringMatch match : matches) {
      switch (match) {
        case StringMatch.Exact(String value, _) -> whole.put(wire(value, fold), true);
        case StringMatch.Prefix(String value, _) -> start.put(wire(value, fold), true);
        case StringMatch.Suffix(String value, _) -> end.put(wire(value, fold), true);
        case StringMatch.Any _,
            StringMatch.NonEmpty _,
            StringMatch.Contains _,
            StringMatch.Regex _ ->
            throw new IllegalArgumentException("no text: " + match);
      }
    }
    this.fold = fold;
    this.wholes = new ByteTable<>(whole, false);
    this.starts = new ByteTable<>(start, false);
    this.ends = new ByteTable<>(end, true);
    this.startLengths = lengths(start);
    this.endLengths = lengths(end);
  }

  /**
   * A test that holds when one of the matches does.
   *
   * @param matches all of which {@link #takes}, and all with case or all without
   */
  static TextSet of(List<StringMatch> matches, boolean ignoreCase) {
    return new TextSet(matches, ignoreCase);
  }

  /** Whether case is ignored by a match that can be in a set; null when it can't. */
  static @Nullable Boolean takes(StringMatch match) {
    return switch (match) {
      case StringMatch.Exact(_, boolean fold) -> fold;
      case StringMatch.Prefix(String value, boolean fold) -> value.isEmpty() ? null : fold;
      case StringMatch.Suffix(String value, boolean fold) -> value.isEmpty() ? null : fold;
      case StringMatch.Any _, StringMatch.NonEmpty _, StringMatch.Contains _, StringMatch.Regex _ ->
          null;
    };
  }

  private static String wire(String text, boolean fold) {
    byte[] bytes = fold ? StringTest.folded(text) : StringTest.bytes(text);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int[] lengths(Map<String, Boolean> byText) {
    return byText.keySet().stream().mapToInt(String::length).distinct().sorted().toArray();
  }

  @Override
  public boolean test(byte[] array, int from, int to) {
    return fromStart(array, from, to) || fromEnd(array, from, to);
  }

  private boolean fromStart(byte[] array, int from, int to) {
    int hash = 0;
    int at = from;
    for (int length : startLengths) {
      if (length > to - from) {
        break;
      }
      hash = roll(hash, array, at, from + length);
      at = from + length;
      if (starts.get(array, from, at, hash, fold) != null) {
        return true;
      }
    }
    return wholes.get(array, from, to, roll(hash, array, at, to), fold) != null;
  }

  private int roll(int hash, byte[] array, int from, int to) {
    int rolled = hash;
    for (int i = from; i < to; i++) {
      rolled = ByteTable.roll(rolled, fold ? StringTest.fold(array[i]) : array[i]);
    }
    return rolled;
  }

  private boolean fromEnd(byte[] array, int from, int to) {
    int hash = 0;
    int at = to;
    for (int length : endLengths) {
      if (length > to - from) {
        return false;
      }
      for (; at > to - length; at--) {
        byte b = array[at - 1];
        hash = ByteTable.roll(hash, fold ? StringTest.fold(b) : b);
      }
      if (ends.get(array, at, to, hash, fold) != null) {
        return true;
      }
    }
    return false;
  }
}
