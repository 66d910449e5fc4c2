package io.selvage.proxy.http1;

import io.selvage.xds.resource.NetworkStack;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The form of the path that policy, routing and the application see: {@code
 * MeshConfig.ProxyPathNormalization}. Applied once, never decoding twice.
 */
public enum PathNormalizer {
  /** As it came. */
  NONE(false, false, false),
  /** Unreserved percent-encodings decoded, backslash as slash, dot segments resolved. */
  BASE(true, false, false),
  /** BASE, then runs of slashes as one. */
  MERGE_SLASHES(true, true, false),
  /** {@code %2F} and {@code %5C} (any case) decoded, then MERGE_SLASHES. */
  DECODE_AND_MERGE_SLASHES(true, true, true);

  private final boolean base;
  private final boolean merge;
  private final boolean decode;

  PathNormalizer(boolean base, boolean merge, boolean decode) {
    this.base = base;
    this.merge = merge;
    this.decode = decode;
  }

  /** The one that a listener is configured with. */
  public static PathNormalizer of(NetworkStack.PathNormalization configured) {
    return switch (configured) {
      case NONE -> NONE;
      case BASE -> BASE;
      case MERGE_SLASHES -> MERGE_SLASHES;
      case DECODE_AND_MERGE_SLASHES -> DECODE_AND_MERGE_SLASHES;
    };
  }

  /** Normalises the path of a head in place. */
  @Nullable HttpViolation apply(HeadBuffer head) {
    int start = head.pathStart;
    int end = head.pathEnd;
    if (!base || isPlain(head.bytes, start, end) || head.bytes[start] != '/') {
      return null;
    }
    byte[] result = normalise(head.bytes, start, end);
    if (result == null) {
      return HttpViolation.INVALID_PATH_ENCODING;
    }
    if (!Arrays.equals(result, 0, result.length, head.bytes, start, end)) {
      head.replacePath(result, 0, result.length);
    }
    return null;
  }

  /**
   * The normal form of a path, without query, as HTTP/2 has it.
   *
   * @return null when the path has an encoded NUL: the request is to be refused with {@link
   *     HttpViolation#INVALID_PATH_ENCODING}
   */
  public @Nullable String apply(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    if (!base || bytes.length == 0 || bytes[0] != '/' || isPlain(bytes, 0, bytes.length)) {
      return path;
    }
    byte[] result = normalise(bytes, 0, bytes.length);
    return result == null ? null : new String(result, StandardCharsets.ISO_8859_1);
  }

  /** Whether nothing in the path could need a change: nearly every path. */
  private boolean isPlain(byte[] bytes, int start, int end) {
    byte before = 0;
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (b == '%' || b == '\\' || (before == '/' && (b == '.' || (b == '/' && merge)))) {
        return false;
      }
      before = b;
    }
    return true;
  }

  private byte @Nullable [] normalise(byte[] bytes, int start, int end) {
    byte[] out = new byte[end - start];
    int decoded = decode(bytes, start, end, out);
    if (hasEncodedNul(out, decoded)) {
      return null;
    }
    int size = resolveDots(out, decoded);
    if (merge) {
      size = mergeSlashes(out, size);
    }
    return Arrays.copyOf(out, size);
  }

  private int decode(byte[] bytes, int start, int end, byte[] out) {
    int size = 0;
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (b != '%') {
        out[size++] = b == '\\' ? (byte) '/' : b;
        continue;
      }
      int value = i + 2 < end ? triplet(bytes[i + 1], bytes[i + 2]) : -1;
      if (value > 0 && isDecoded(value)) {
        out[size++] = value == '\\' ? (byte) '/' : (byte) value;
        i += 2;
        continue;
      }
      // What stays encoded, or is no encoding, goes on untouched, also the two bytes behind it:
      // they must not become the rest of an encoding by being decoded themselves.
      int last = Math.min(i + 2, end - 1);
      out[size++] = b;
      while (i < last) {
        byte next = bytes[++i];
        out[size++] = next == '\\' ? (byte) '/' : next;
      }
    }
    return size;
  }

  private static boolean hasEncodedNul(byte[] path, int end) {
    for (int i = 0; i + 2 < end; i++) {
      if (path[i] == '%' && path[i + 1] == '0' && path[i + 2] == '0') {
        return true;
      }
    }
    return false;
  }

  private static int triplet(byte high, byte low) {
    int h = Octets.hex(high);
    int l = Octets.hex(low);
    return h < 0 || l < 0 ? -1 : (h << 4) | l;
  }

  private boolean isDecoded(int value) {
    return (value >= 'a' && value <= 'z')
        || (value >= 'A' && value <= 'Z')
        || (value >= '0' && value <= '9')
        || value == '-'
        || value == '.'
        || value == '_'
        || value == '~'
        || (decode && (value == '/' || value == '\\'));
  }

  /** RFC 3986 5.2.4, with empty segments being segments; never above the root. */
  private static int resolveDots(byte[] path, int end) {
    int size = 0;
    int at = 0;
    while (at < end) {
      int next = at + 1;
      while (next < end && path[next] != '/') {
        next++;
      }
      int length = next - at - 1;
      boolean dot = length == 1 && path[at + 1] == '.';
      boolean dots = length == 2 && path[at + 1] == '.' && path[at + 2] == '.';
      if (dots) {
        size = parent(path, size);
      }
      if (!dot && !dots) {
        System.arraycopy(path, at, path, size, next - at);
        size += next - at;
      } else if (next == end) {
        path[size++] = '/';
      }
      at = next;
    }
    return size;
  }

  private static int parent(byte[] path, int size) {
    int at = size - 1;
    while (at > 0 && path[at] != '/') {
      at--;
    }
    return Math.max(at, 0);
  }

  private static int mergeSlashes(byte[] path, int end) {
    int size = 0;
    for (int i = 0; i < end; i++) {
      if (path[i] != '/' || size == 0 || path[size - 1] != '/') {
        path[size++] = path[i];
      }
    }
    return size;
  }
}
