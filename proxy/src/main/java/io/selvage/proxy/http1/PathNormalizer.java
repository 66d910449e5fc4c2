package io.selvage.proxy.http1;

import io.selvage.policy.ByteSlice;
import io.selvage.xds.resource.NetworkStack;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The form of the path that policy, routing and the application see, applied to a head as its codec
 * holds it. The rules are those of {@link io.selvage.policy.PathNormalizer}; what they would decode
 * into a new encoding is refused here.
 */
public enum PathNormalizer {
  /** As it came. */
  NONE(io.selvage.policy.PathNormalizer.NONE),
  /**
   * Unreserved percent-encodings decoded, backslash as slash, dot segments resolved; what no URI
   * may have is encoded.
   */
  BASE(io.selvage.policy.PathNormalizer.BASE),
  /** BASE, then runs of slashes as one. */
  MERGE_SLASHES(io.selvage.policy.PathNormalizer.MERGE_SLASHES),
  /** {@code %2F} and {@code %5C} (any case) decoded, then MERGE_SLASHES. */
  DECODE_AND_MERGE_SLASHES(io.selvage.policy.PathNormalizer.DECODE_AND_MERGE_SLASHES);

  private static final boolean[] TO_BE_ENCODED = new boolean[256];

  static {
    "\"<>^`{|}".chars().forEach(c -> TO_BE_ENCODED[c] = true);
  }

  private final io.selvage.policy.PathNormalizer rules;

  PathNormalizer(io.selvage.policy.PathNormalizer rules) {
    this.rules = rules;
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

  /** Normalises the path of a head in place; CONNECT and {@code *} have none. */
  @Nullable HttpViolation apply(HeadBuffer head) {
    int start = head.pathStart;
    if (start == head.pathEnd || head.pathEnd != head.queryStart || head.bytes[start] != '/') {
      return null;
    }
    if (this != NONE && isAmbiguous(head.bytes, start, head.pathEnd)) {
      return HttpViolation.INVALID_PATH_ENCODING;
    }
    ByteSlice target = head.target().set(head.bytes, start, head.queryEnd);
    ByteSlice path = head.path();
    switch (rules.normalize(target, path)) {
      case UNCHANGED -> {}
      case CHANGED -> head.moveTarget(path.end(), target.end());
      case REJECTED -> {
        return HttpViolation.INVALID_PATH_ENCODING;
      }
    }
    if (this != NONE && isToBeEncoded(head.bytes, head.pathStart, head.pathEnd)) {
      byte[] encoded = encoded(head.path().toString());
      head.replacePath(encoded, 0, encoded.length);
    }
    return null;
  }

  /**
   * Whether there is a character that no URI may have (RFC 3986 3.3) and HTTP lets pass: Envoy's
   * canonical form spells it as an encoding, and policy that names the encoding means both.
   */
  private static boolean isToBeEncoded(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (TO_BE_ENCODED[bytes[i] & 0xff]) {
        return true;
      }
    }
    return false;
  }

  private static byte[] encoded(String path) {
    StringBuilder text = new StringBuilder(path.length() + 16);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (TO_BE_ENCODED[c & 0xff]) {
        text.append(String.format("%%%02X", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * The normal form of a path, without query, as HTTP/2 has it.
   *
   * @return null when the request is to be refused with {@link HttpViolation#INVALID_PATH_ENCODING}
   */
  public @Nullable String apply(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    if (this != NONE && isAmbiguous(bytes, 0, bytes.length)) {
      return null;
    }
    ByteSlice target = new ByteSlice().set(bytes, 0, bytes.length);
    ByteSlice normal = new ByteSlice();
    if (rules.normalize(target, normal) == io.selvage.policy.PathNormalizer.Result.REJECTED) {
      return null;
    }
    String plain = target.toString();
    return this != NONE && isToBeEncoded(bytes, normal.start(), normal.end())
        ? new String(encoded(normal.toString()), StandardCharsets.ISO_8859_1)
            + plain.substring(normal.length())
        : plain;
  }

  /**
   * Whether a percent sign that begins no encoding has another close behind it, at once or behind
   * one hexadecimal digit: decoding that one would complete the first, and {@code %%32%66} become
   * {@code %2f} for the next reader.
   */
  private static boolean isAmbiguous(byte[] bytes, int start, int end) {
    for (int i = start; i < end - 1; i++) {
      if (bytes[i] != '%') {
        continue;
      }
      boolean half = i + 2 < end && Octets.hex(bytes[i + 1]) >= 0 && bytes[i + 2] == '%';
      if (half || bytes[i + 1] == '%') {
        return true;
      }
    }
    return false;
  }
}
