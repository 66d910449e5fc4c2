package io.selvage.proxy.accept;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the first bytes of a connection one at a time, straight from RFC 8446's figures, and stops
 * at the first byte that settles what they are.
 */
final class SlowHello {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST = 16 * 1024;

  /** What was seen. */
  record Seen(String kind, String serverName, List<String> alpn) {
    static final Seen MORE = new Seen("more", "", List.of());
    static final Seen MALFORMED = new Seen("malformed", "", List.of());
    static final Seen HTTP2 = new Seen("http2", "", List.of());
    static final Seen PLAINTEXT = new Seen("plaintext", "", List.of());

    static Seen tls(String serverName, List<String> alpn) {
      return new Seen("tls", serverName, alpn);
    }
  }

  private SlowHello() {}

  static Seen read(byte[] wire) {
    if (wire.length == 0) {
      return Seen.MORE;
    }
    if (wire[0] != 22 || (wire.length > 1 && wire[1] != 3)) {
      int same = Arrays.mismatch(wire, PREFACE);
      boolean whole = same < 0 || same >= PREFACE.length;
      return whole ? Seen.HTTP2 : same >= wire.length ? Seen.MORE : Seen.PLAINTEXT;
    }
    List<Byte> handshake = new ArrayList<>();
    int at = 0;
    while (wire.length - at >= 5) {
      int length = (wire[at + 3] & 0xff) * 256 + (wire[at + 4] & 0xff);
      if (wire[at] != 22 || wire[at + 1] != 3 || length == 0) {
        return Seen.MALFORMED;
      }
      for (int i = at + 5; i < Math.min(wire.length, at + 5 + length); i++) {
        handshake.add(wire[i]);
        Seen seen = message(handshake);
        if (seen != null) {
          return seen;
        }
      }
      at += 5 + length;
    }
    return Seen.MORE;
  }

  /** What a handshake message of these bytes is; null while it may still become one. */
  private static @Nullable Seen message(List<Byte> bytes) {
    if (bytes.getFirst() != 1) {
      return Seen.MALFORMED;
    }
    if (bytes.size() < 4) {
      return null;
    }
    int length =
        ((bytes.get(1) & 0xff) << 16) + ((bytes.get(2) & 0xff) << 8) + (bytes.get(3) & 0xff);
    if (length > MOST) {
      return Seen.MALFORMED;
    }
    if (bytes.size() < 4 + length) {
      return null;
    }
    byte[] body = new byte[length];
    for (int i = 0; i < length; i++) {
      body[i] = bytes.get(4 + i);
    }
    try {
      return hello(new Vector(body, 0, length));
    } catch (Broken e) {
      return Seen.MALFORMED;
    }
  }

  private static Seen hello(Vector in) throws Broken {
    in.take(2 + 32);
    in.vector(1);
    in.vector(2);
    in.vector(1);
    String serverName = "";
    List<String> alpn = List.of();
    if (!in.isEmpty()) {
      Vector extensions = in.vector(2);
      while (!extensions.isEmpty()) {
        int type = extensions.number(2);
        Vector data = extensions.vector(2);
        if (type == 0) {
          serverName = serverName(data.vector(2));
        }
        if (type == 16) {
          alpn = names(data.vector(2));
        }
      }
    }
    return Seen.tls(serverName, alpn);
  }

  private static String serverName(Vector list) throws Broken {
    while (!list.isEmpty()) {
      int type = list.number(1);
      Vector name = list.vector(2);
      if (type == 0 && name.size() > 0 && name.size() < 256) {
        String text = name.text(StandardCharsets.ISO_8859_1);
        if (!text.matches("[!-~]*")) {
          throw new Broken();
        }
        return text.toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }

  private static List<String> names(Vector list) throws Broken {
    List<String> names = new ArrayList<>();
    while (!list.isEmpty()) {
      names.add(list.vector(1).text(StandardCharsets.ISO_8859_1));
    }
    return names;
  }

  /** A length says more than is there, or a name is none. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** Some of the bytes (RFC 8446 3.4). */
  private static final class Vector {
    private final byte[] bytes;
    private int at;
    private final int end;

    Vector(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    boolean isEmpty() {
      return at == end;
    }

    int size() {
      return end - at;
    }

    Vector take(int count) throws Broken {
      if (count > end - at) {
        throw new Broken();
      }
      at += count;
      return new Vector(bytes, at - count, at);
    }

    int number(int width) throws Broken {
      Vector digits = take(width);
      int number = 0;
      for (int i = digits.at; i < digits.end; i++) {
        number = number * 256 + (bytes[i] & 0xff);
      }
      return number;
    }

    Vector vector(int width) throws Broken {
      return take(number(width));
    }

    String text(java.nio.charset.Charset charset) {
      return new String(bytes, at, end - at, charset);
    }
  }
}
