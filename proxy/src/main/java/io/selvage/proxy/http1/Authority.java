package io.selvage.proxy.http1;

/**
 * The form of an authority: {@code host [":" port]} of RFC 3986 without user information, and
 * without the percent-encodings and delimiters that a name never needs and parsers disagree on.
 */
final class Authority {
  private static final int MAX_PORT = 65_535;

  private Authority() {}

  /** Whether the bytes are a host with or without port; neither may be empty. */
  static boolean isValid(byte[] bytes, int start, int end) {
    int host = hostEnd(bytes, start, end);
    return host > start && (host == end || isPort(bytes, host, end));
  }

  /** Whether the bytes are a host with a port. */
  static boolean hasPort(byte[] bytes, int start, int end) {
    int host = hostEnd(bytes, start, end);
    return host > start && isPort(bytes, host, end);
  }

  private static int hostEnd(byte[] bytes, int start, int end) {
    if (start < end && bytes[start] == '[') {
      return literalEnd(bytes, start + 1, end);
    }
    int at = start;
    while (at < end && isNameByte(bytes[at])) {
      at++;
    }
    return at;
  }

  private static int literalEnd(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && (Octets.hex(bytes[at]) >= 0 || bytes[at] == ':' || bytes[at] == '.')) {
      at++;
    }
    boolean closed = at > start + 1 && at < end && bytes[at] == ']';
    return closed ? at + 1 : -1;
  }

  private static boolean isNameByte(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '.'
        || b == '_'
        || b == '~';
  }

  /** Whether {@code [start, end)} is a colon and a number of at most 65535. */
  private static boolean isPort(byte[] bytes, int start, int end) {
    if (start >= end || bytes[start] != ':' || end - start < 2 || end - start > 6) {
      return false;
    }
    int port = 0;
    for (int i = start + 1; i < end; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      port = port * 10 + digit;
    }
    return port <= MAX_PORT;
  }
}
