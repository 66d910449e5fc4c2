package io.selvage.proxy.accept;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Whether plaintext begins with an HTTP/1 request line (RFC 9112 3), in the words that filter
 * chains use for it ({@code application_protocols}, as Envoy's {@code http_inspector} finds them).
 * Reading consumes nothing.
 *
 * <p>Who does not speak so is given the chain for bytes, where rules about requests deny what they
 * cannot see: telling less than an application would understand lets nothing through.
 */
final class PlaintextHttp {
  /** Of a request line; who sends a longer one is taken for something else. */
  private static final int LONGEST_LINE = 8192;

  private static final int LONGEST_METHOD = 32;
  private static final String OTHER_TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~";
  private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.'};

  /** Nothing that a chain could be chosen by. */
  static final List<String> NONE = List.of();

  /** HTTP/2 by its preface. */
  static final List<String> HTTP2 = List.of("h2c");

  private PlaintextHttp() {}

  /**
   * Looks at what has arrived so far.
   *
   * @return empty when more is needed to tell; {@link #NONE} when it is no HTTP
   */
  static Optional<List<String>> look(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end && isLineEnd(in.getByte(at))) { // empty lines before it are passed over
      at++;
    }
    int method = at;
    while (at < end && isToken(in.getByte(at))) {
      at++;
    }
    if (at - method > LONGEST_METHOD || end - in.readerIndex() > LONGEST_LINE) {
      return Optional.of(NONE);
    }
    if (at == end) {
      return Optional.empty();
    }
    if (at == method || in.getByte(at) != ' ') {
      return Optional.of(NONE);
    }
    int target = ++at;
    while (at < end && in.getByte(at) != ' ' && !isLineEnd(in.getByte(at))) {
      at++;
    }
    if (at == end) {
      return Optional.empty();
    }
    return at == target || in.getByte(at) != ' ' ? Optional.of(NONE) : version(in, at + 1, end);
  }

  private static Optional<List<String>> version(ByteBuf in, int from, int end) {
    for (int i = 0; i < VERSION.length; i++) {
      if (from + i == end) {
        return Optional.empty();
      }
      if (in.getByte(from + i) != VERSION[i]) {
        return Optional.of(NONE);
      }
    }
    int minor = from + VERSION.length;
    if (minor + 1 >= end) {
      return Optional.empty();
    }
    return Optional.of(
        !isLineEnd(in.getByte(minor + 1))
            ? NONE
            : switch (in.getByte(minor)) {
              case '0' -> List.of("http/1.0");
              case '1' -> List.of("http/1.1");
              default -> NONE;
            });
  }

  private static boolean isLineEnd(byte b) {
    return b == '\r' || b == '\n';
  }

  /** RFC 9110 5.6.2. */
  private static boolean isToken(byte b) {
    return (b >= 'A' && b <= 'Z')
        || (b >= 'a' && b <= 'z')
        || (b >= '0' && b <= '9')
        || OTHER_TOKEN_CHARACTERS.indexOf(b) >= 0;
  }
}
