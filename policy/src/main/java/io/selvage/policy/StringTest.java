package io.selvage.policy;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A {@link StringMatch} made ready to be tested on bytes, without allocation but for regexes. */
sealed interface StringTest
    permits StringTest.LongerThan,
        StringTest.Exact,
        StringTest.Prefix,
        StringTest.Suffix,
        StringTest.Folded,
        StringTest.Contains,
        StringTest.Identity,
        StringTest.Regex,
        TextSet {
  /** Whether {@code array[from, to)} matches. */
  boolean test(byte[] array, int from, int to);

  /** The fastest test for {@code match}. */
  static StringTest of(StringMatch match) {
    return switch (match) {
      case StringMatch.Any _ -> new LongerThan(-1);
      case StringMatch.NonEmpty _ -> new LongerThan(0);
      case StringMatch.Exact(String value, boolean ignoreCase) ->
          ignoreCase ? new Folded(folded(value), Folded.WHOLE) : new Exact(bytes(value));
      case StringMatch.Prefix(String value, boolean ignoreCase) ->
          ignoreCase ? new Folded(folded(value), Folded.START) : new Prefix(bytes(value));
      case StringMatch.Suffix(String value, boolean ignoreCase) ->
          ignoreCase ? new Folded(folded(value), Folded.END) : new Suffix(bytes(value));
      case StringMatch.Contains(String value, boolean ignoreCase) ->
          new Contains(ignoreCase ? folded(value) : bytes(value), ignoreCase);
      case StringMatch.Regex(Pattern pattern) -> {
        IdentityPattern known = IdentityPattern.of(pattern);
        yield known == null ? new Regex(pattern) : new Identity(known);
      }
    };
  }

  /** As it is in a {@link StringMatch}'s UTF-8. */
  static byte[] bytes(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** In ASCII lower case. */
  static byte[] folded(String value) {
    byte[] bytes = bytes(value);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = fold(bytes[i]);
    }
    return bytes;
  }

  static byte fold(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }

  record LongerThan(int length) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return to - from > length;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to the package, never compared or shown
  record Exact(byte[] value) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return Arrays.equals(array, from, to, value, 0, value.length);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // as Exact
  record Prefix(byte[] value) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return to - from >= value.length
          && Arrays.equals(array, from, from + value.length, value, 0, value.length);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // as Exact
  record Suffix(byte[] value) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return to - from >= value.length
          && Arrays.equals(array, to - value.length, to, value, 0, value.length);
    }
  }

  /** Whole, start or end, whatever the case. */
  @SuppressWarnings("ArrayRecordComponent") // as Exact
  record Folded(byte[] value, int where) implements StringTest {
    static final int WHOLE = 0;
    static final int START = 1;
    static final int END = 2;

    @Override
    public boolean test(byte[] array, int from, int to) {
      int extra = to - from - value.length;
      if (extra < 0 || (where == WHOLE && extra > 0)) {
        return false;
      }
      return equal(array, where == END ? from + extra : from, value, true);
    }

    static boolean equal(byte[] array, int from, byte[] value, boolean fold) {
      for (int i = 0; i < value.length; i++) {
        byte b = array[from + i];
        if ((fold ? fold(b) : b) != value[i]) {
          return false;
        }
      }
      return true;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // as Exact
  record Contains(byte[] value, boolean fold) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      for (int i = from; i <= to - value.length; i++) {
        if (Folded.equal(array, i, value, fold)) {
          return true;
        }
      }
      return false;
    }
  }

  /** A regex whose meaning is known. */
  record Identity(IdentityPattern pattern) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return pattern.matches(array, from, to);
    }
  }

  /** Any other regex: linear in the text, and it allocates. */
  record Regex(Pattern pattern) implements StringTest {
    @Override
    public boolean test(byte[] array, int from, int to) {
      return pattern.matches(new String(array, from, to - from, StandardCharsets.UTF_8));
    }
  }
}
