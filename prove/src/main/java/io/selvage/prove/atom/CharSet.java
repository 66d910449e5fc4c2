package io.selvage.prove.atom;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A set of symbols 0..255 (see {@link Symbols}), as four words of bits.
 *
 * @param a symbols 0..63
 * @param b symbols 64..127
 * @param c symbols 128..191
 * @param d symbols 192..255
 */
record CharSet(long a, long b, long c, long d) {
  static final CharSet NONE = new CharSet(0, 0, 0, 0);
  static final CharSet ALL = new CharSet(-1, -1, -1, -1);

  private static final CharSet[] SINGLE = singles();

  private static CharSet[] singles() {
    CharSet[] all = new CharSet[256];
    for (int symbol = 0; symbol < 256; symbol++) {
      long bit = 1L << (symbol & 63);
      all[symbol] =
          switch (symbol >> 6) {
            case 0 -> new CharSet(bit, 0, 0, 0);
            case 1 -> new CharSet(0, bit, 0, 0);
            case 2 -> new CharSet(0, 0, bit, 0);
            default -> new CharSet(0, 0, 0, bit);
          };
    }
    return all;
  }

  static CharSet of(int symbol) {
    return SINGLE[symbol];
  }

  /** Written out, since these are compared more than anything else here. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CharSet set && a == set.a && b == set.b && c == set.c && d == set.d);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(((a * 31 + b) * 31 + c) * 31 + d);
  }

  /** The ASCII characters of {@code text}. */
  static CharSet of(String text) {
    return where(symbol -> symbol < 128 && text.indexOf(symbol) >= 0);
  }

  static CharSet where(IntPredicate holds) {
    long[] words = new long[4];
    for (int symbol = 0; symbol < 256; symbol++) {
      if (holds.test(symbol)) {
        words[symbol >> 6] |= 1L << (symbol & 63);
      }
    }
    return new CharSet(words[0], words[1], words[2], words[3]);
  }

  boolean has(int symbol) {
    long word =
        switch (symbol >> 6) {
          case 0 -> a;
          case 1 -> b;
          case 2 -> c;
          default -> d;
        };
    return (word >>> (symbol & 63) & 1) != 0;
  }

  CharSet and(CharSet other) {
    return new CharSet(a & other.a, b & other.b, c & other.c, d & other.d);
  }

  CharSet or(CharSet other) {
    return new CharSet(a | other.a, b | other.b, c | other.c, d | other.d);
  }

  CharSet without(CharSet other) {
    return new CharSet(a & ~other.a, b & ~other.b, c & ~other.c, d & ~other.d);
  }

  boolean isEmpty() {
    return (a | b | c | d) == 0;
  }

  int size() {
    return Long.bitCount(a) + Long.bitCount(b) + Long.bitCount(c) + Long.bitCount(d);
  }

  /** The first symbol from {@code from} on, or -1. */
  int next(int from) {
    for (int at = from; at < 256; ) {
      long word =
          switch (at >> 6) {
            case 0 -> a;
            case 1 -> b;
            case 2 -> c;
            default -> d;
          };
      long rest = word >>> (at & 63);
      if (rest != 0) {
        return at + Long.numberOfTrailingZeros(rest);
      }
      at = ((at >> 6) + 1) << 6;
    }
    return -1;
  }
}
