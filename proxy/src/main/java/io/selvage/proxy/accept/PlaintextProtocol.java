package io.selvage.proxy.accept;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * What a connection without TLS speaks, in the words that Envoy's HTTP inspector gives filter
 * chains to match: {@code h2c} by HTTP/2's preface, {@code http/1.1} and {@code http/1.0} by the
 * request line (RFC 9112 3), nothing for all else.
 *
 * <p>The line is read as a lenient server would. What would be HTTP to the application only, and
 * not here, meets the policies of a TCP connection: an ALLOW of HTTP fields then allows nothing and
 * a DENY of them denies everything.
 */
final class PlaintextProtocol {
  /** Longest beginning that is waited for to become a request line. */
  static final int MAX_LINE = 64 * 1024;

  private static final int MAX_METHOD = 32;
  private static final String VERSION = "HTTP/1.";
  private static final Optional<List<String>> MORE = Optional.empty();
  private static final Optional<List<String>> OTHER = Optional.of(List.of());

  private PlaintextProtocol() {}

  /**
   * Looks at what has arrived so far; consumes nothing.
   *
   * @return empty when more must come before it can be told
   */
  static Optional<List<String>> of(ByteBuf in) {
    return switch (FirstBytes.Preface.look(in)) {
      case FirstBytes.NeedMore _ -> MORE;
      case FirstBytes.Plaintext(boolean http2) when http2 -> Optional.of(List.of("h2c"));
      case FirstBytes.Plaintext _, FirstBytes.Tls _, FirstBytes.Malformed _ ->
          requestLine(in).or(() -> in.readableBytes() > MAX_LINE ? OTHER : MORE);
    };
  }

  private static Optional<List<String>> requestLine(ByteBuf in) {
    int end = in.writerIndex();
    int method = skip(in, in.readerIndex(), PlaintextProtocol::isLineEnd);
    int target = skip(in, method, PlaintextProtocol::isToken);
    if (target - method > MAX_METHOD) {
      return OTHER;
    }
    if (target == end) {
      return MORE;
    }
    if (target == method || !isBlank(in.getByte(target))) {
      return OTHER;
    }
    target = skip(in, target, PlaintextProtocol::isBlank);
    int version = skip(in, target, PlaintextProtocol::isVisible);
    if (version == end) {
      return MORE;
    }
    if (version == target || !isBlank(in.getByte(version))) {
      return OTHER;
    }
    return version(in, skip(in, version, PlaintextProtocol::isBlank), end);
  }

  private static Optional<List<String>> version(ByteBuf in, int at, int end) {
    for (int i = 0; i < VERSION.length(); i++) {
      if (at + i == end) {
        return MORE;
      }
      if (in.getByte(at + i) != VERSION.charAt(i)) {
        return OTHER;
      }
    }
    int minor = at + VERSION.length();
    if (minor + 1 >= end) {
      return MORE;
    }
    if (!isLineEnd(in.getByte(minor + 1)) && !isBlank(in.getByte(minor + 1))) {
      return OTHER;
    }
    return switch (in.getByte(minor)) {
      case '0' -> Optional.of(List.of("http/1.0"));
      case '1' -> Optional.of(List.of("http/1.1"));
      default -> OTHER;
    };
  }

  private interface Kind {
    boolean holds(byte b);
  }

  private static int skip(ByteBuf in, int from, Kind kind) {
    int at = from;
    while (at < in.writerIndex() && kind.holds(in.getByte(at))) {
      at++;
    }
    return at;
  }

  private static boolean isLineEnd(byte b) {
    return b == '\r' || b == '\n';
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static boolean isVisible(byte b) {
    return b < 0 || (b > ' ' && b != 0x7f);
  }

  /** RFC 9110 5.6.2. */
  private static boolean isToken(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
  }
}
