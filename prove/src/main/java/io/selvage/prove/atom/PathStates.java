package io.selvage.prove.atom;

import io.selvage.policy.PathNormalizer;

/**
 * The automaton of normal paths, state by state: what {@link PathNormalizer} leaves as it is and an
 * HTTP/1 request line can carry. {@code *}, which is for {@code OPTIONS} alone, is not among them.
 */
final class PathStates {
  private static final int START = 0;

  /** Behind a slash. */
  private static final int EMPTY = 1;

  private static final int DOT = 2;
  private static final int TWO_DOTS = 3;

  /** In a segment that is no dot segment. */
  private static final int TEXT = 4;

  private static final int PERCENT = 5;

  /** Behind a percent sign and one digit of sixteen. */
  private static final int DIGIT = 6;

  private static final int QUERY = DIGIT + 16;
  private static final int STATES = QUERY + 1;

  private final boolean canonical;
  private final boolean merge;
  private final boolean decodeSlashes;
  private final boolean withQuery;

  private PathStates(PathNormalizer normalizer, boolean withQuery) {
    this.withQuery = withQuery;
    this.canonical = normalizer != PathNormalizer.NONE;
    this.decodeSlashes = normalizer == PathNormalizer.DECODE_AND_MERGE_SLASHES;
    this.merge = decodeSlashes || normalizer == PathNormalizer.MERGE_SLASHES;
  }

  /**
   * @param withQuery whether a question mark and anything behind it may follow
   */
  static TextDomain of(PathNormalizer normalizer, boolean withQuery) {
    PathStates states = new PathStates(normalizer, withQuery);
    return TextDomain.of(
        STATES, states::step, state -> state != START && state != DOT && state != TWO_DOTS);
  }

  private int step(int state, int c) {
    if (c <= ' ' || c == 127 || c == '#') {
      return TextDomain.DEAD;
    }
    if (state == QUERY) {
      return QUERY;
    }
    if (c == '?') {
      boolean mayEnd = state != START && state != DOT && state != TWO_DOTS;
      return withQuery && mayEnd ? QUERY : TextDomain.DEAD;
    }
    if (state == START) {
      return c == '/' ? canonical ? EMPTY : TEXT : TextDomain.DEAD;
    }
    if (!canonical) {
      return TEXT;
    }
    int digit = digit(c);
    if (state == PERCENT && digit >= 0) {
      return DIGIT + digit;
    }
    if (state >= DIGIT && digit >= 0) {
      return isDecoded((state - DIGIT) << 4 | digit) ? TextDomain.DEAD : TEXT;
    }
    boolean dots = state == DOT || state == TWO_DOTS;
    return switch (c) {
      case '\\' -> TextDomain.DEAD;
      case '/' -> dots || (state == EMPTY && merge) ? TextDomain.DEAD : EMPTY;
      case ';' -> dots ? TextDomain.DEAD : TEXT;
      case '%' -> PERCENT;
      case '.' -> state == EMPTY ? DOT : state == DOT ? TWO_DOTS : TEXT;
      default -> TEXT;
    };
  }

  /** Whether {@code %XX} with this value is rewritten or refused. */
  private boolean isDecoded(int value) {
    boolean unreserved =
        (value >= 'a' && value <= 'z')
            || (value >= 'A' && value <= 'Z')
            || (value >= '0' && value <= '9')
            || value == '-'
            || value == '.'
            || value == '_'
            || value == '~';
    return unreserved || value == 0 || (decodeSlashes && (value == '/' || value == '\\'));
  }

  private static int digit(int c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
