package io.selvage.policy;

/**
 * Brings a request target into the one form that policy, routing and the application all see
 * (Istio's {@code MeshConfig.PathNormalization}). Works in the caller's bytes: a result is never
 * longer than what came, and a target that is normal already is only read.
 *
 * <p>The order is that of Envoy: escaped slashes, then unreserved characters and backslashes, then
 * dot segments, then runs of slashes. Nothing is decoded twice, overlong UTF-8 stays as it is, the
 * query is not touched, and a fragment is cut off in every mode (CVE-2021-39156).
 */
public enum PathNormalizer {
  /** As sent. */
  NONE(false, false, false),
  /** Unreserved characters decoded, {@code \} is {@code /}, dot segments resolved: the default. */
  BASE(true, false, false),
  /** And {@code //} is {@code /}. */
  MERGE_SLASHES(true, true, false),
  /** And {@code %2f}, {@code %5c} are {@code /}. */
  DECODE_AND_MERGE_SLASHES(true, true, true);

  /** What became of a target. */
  public enum Result {
    /** It was normal. */
    UNCHANGED,
    /** It was rewritten in place. */
    CHANGED,
    /** It means different things to different readers: answer 400. */
    REJECTED
  }

  private final boolean canonical;
  private final boolean merge;
  private final boolean decodeSlashes;

  PathNormalizer(boolean canonical, boolean merge, boolean decodeSlashes) {
    this.canonical = canonical;
    this.merge = merge;
    this.decodeSlashes = decodeSlashes;
  }

  /**
   * Normalises {@code target} where it lies.
   *
   * @param target the request target in origin form ({@code /path?query}) or {@code *}; covers the
   *     normalised target, query included, afterwards
   * @param path set to the path alone; not to be used when rejected
   */
  public Result normalize(ByteSlice target, ByteSlice path) {
    byte[] array = target.array();
    int start = target.start();
    int end = target.end();
    if (start == end || (array[start] != '/' && !(end - start == 1 && array[start] == '*'))) {
      return Result.REJECTED;
    }
    int pathEnd = pathEnd(array, start, end);
    if (pathEnd < 0) {
      return Result.REJECTED;
    }
    int targetEnd = cutFragment(array, pathEnd, end);
    Result result = targetEnd == end ? Result.UNCHANGED : Result.CHANGED;
    if (canonical && isSuspect(array, start, pathEnd)) {
      int newEnd = rewrite(array, start, pathEnd);
      if (newEnd < 0) {
        return Result.REJECTED;
      }
      if (newEnd != CHANGED_NOTHING) {
        System.arraycopy(array, pathEnd, array, newEnd, targetEnd - pathEnd);
        targetEnd -= pathEnd - newEnd;
        pathEnd = newEnd;
        result = Result.CHANGED;
      }
    }
    target.set(array, start, targetEnd);
    path.set(array, start, pathEnd);
    return result;
  }

  /** Where query or fragment begin, or -1 when a NUL comes before. */
  private static int pathEnd(byte[] array, int start, int end) {
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b == '?' || b == '#') {
        return i;
      }
      if (b == 0) {
        return -1;
      }
    }
    return end;
  }

  /** Whether there is anything that normalisation might change. */
  private boolean isSuspect(byte[] array, int start, int end) {
    int before = 0;
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b == '%' || b == '\\' || (before == '/' && (b == '.' || (b == '/' && merge)))) {
        return true;
      }
      before = b;
    }
    return false;
  }

  private static final int CHANGED_NOTHING = Integer.MAX_VALUE;

  private static int cutFragment(byte[] array, int from, int end) {
    for (int i = from; i < end; i++) {
      if (array[i] == '#') {
        return i;
      }
    }
    return end;
  }

  /** The path's new end, {@link #CHANGED_NOTHING}, or -1 when it must be rejected. */
  private int rewrite(byte[] array, int start, int end) {
    boolean backslash = false;
    for (int i = start; i < end && !backslash; i++) {
      backslash = array[i] == '\\';
    }
    int decoded = decode(array, start, end);
    if (decoded < 0) {
      return -1;
    }
    int resolved = resolveDots(array, start, decoded);
    int merged = merge ? mergeSlashes(array, start, resolved) : resolved;
    return backslash || merged != end ? merged : CHANGED_NOTHING;
  }

  private int decode(byte[] array, int start, int end) {
    int to = start;
    for (int i = start; i < end; i++) {
      byte b = array[i];
      if (b == '\\') {
        b = '/';
      } else if (b == '%' && i + 2 < end) {
        int value = hex(array[i + 1]) << 4 | hex(array[i + 2]);
        if (value == 0) {
          return -1;
        }
        if (isUnreserved(value)) {
          b = (byte) value;
          i += 2;
        } else if (decodeSlashes && (value == '/' || value == '\\')) {
          b = '/';
          i += 2;
        }
      }
      array[to++] = b;
    }
    return to;
  }

  /**
   * RFC 3986 5.2.4, on a path that starts with a slash. A dot segment with parameters is one too
   * (CVE-2026-73551): to a servlet container {@code /..;x=1/admin} is {@code /admin}.
   */
  private static int resolveDots(byte[] array, int start, int end) {
    int to = start;
    int i = start;
    while (i < end) {
      int segment = i + 1;
      int next = segment;
      while (next < end && array[next] != '/') {
        next++;
      }
      int length = withoutParameters(array, segment, next) - segment;
      boolean one = length == 1 && array[segment] == '.';
      boolean two = length == 2 && array[segment] == '.' && array[segment + 1] == '.';
      if (two) {
        while (to > start && array[--to] != '/') {}
      }
      if (one || two) {
        if (next == end) {
          array[to++] = '/';
        }
      } else {
        System.arraycopy(array, i, array, to, next - i);
        to += next - i;
      }
      i = next;
    }
    return to;
  }

  private static int withoutParameters(byte[] array, int segment, int end) {
    int at = segment;
    while (at < end && array[at] != ';') {
      at++;
    }
    return at;
  }

  private static int mergeSlashes(byte[] array, int start, int end) {
    int to = start;
    for (int i = start; i < end; i++) {
      if (array[i] != '/' || to == start || array[to - 1] != '/') {
        array[to++] = array[i];
      }
    }
    return to;
  }

  private static boolean isUnreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  /** A value that makes no byte together with any other when {@code b} is no digit. */
  private static int hex(byte b) {
    return switch (b) {
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> b - '0';
      case 'a', 'b', 'c', 'd', 'e', 'f' -> b - 'a' + 10;
      case 'A', 'B', 'C', 'D', 'E', 'F' -> b - 'A' + 10;
      default -> 1 << 20;
    };
  }
}
