package io.selvage.proxy.http1;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One header, ready to be written: {@code name: value CR LF} as bytes, made once and appended to
 * many heads ({@link HeadBuffer#append(HeaderLine)}).
 */
public final class HeaderLine {
  final byte[] line;
  final int nameLength;
  final int hash;
  final KnownHeader known;

  private HeaderLine(byte[] name, byte[] value) {
    this.nameLength = name.length;
    this.line = new byte[name.length + value.length + 4];
    System.arraycopy(name, 0, line, 0, name.length);
    line[name.length] = ':';
    line[name.length + 1] = ' ';
    System.arraycopy(value, 0, line, name.length + 2, value.length);
    line[line.length - 2] = '\r';
    line[line.length - 1] = '\n';
    this.hash = new String(name, StandardCharsets.ISO_8859_1).hashCode();
    this.known = KnownHeader.of(hash, name, 0, name.length);
  }

  /**
   * A header of this name (made lower-case) and value.
   *
   * @throws IllegalArgumentException if the name is not a token or the value has a control byte, so
   *     that no configuration or token can add a line of its own
   */
  public static HeaderLine of(String name, String value) {
    byte[] nameBytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
    byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
    checkName(nameBytes);
    checkValue(valueBytes, 0, valueBytes.length);
    return new HeaderLine(nameBytes, valueBytes);
  }

  static void checkName(byte[] name) {
    boolean token = name.length > 0;
    for (byte b : name) {
      token &= Octets.TOKEN_LOWER[b & 0xff] != 0;
    }
    if (!token) {
      throw new IllegalArgumentException("a header name must be a token");
    }
  }

  static void checkValue(byte[] value, int start, int end) {
    int at = start;
    while ((at = Octets.firstControl(value, at, end)) < end) {
      if (value[at++] != '\t') {
        throw new IllegalArgumentException("a header value must have no control byte");
      }
    }
  }

  /** The name, in lower case. */
  public String name() {
    return new String(line, 0, nameLength, StandardCharsets.ISO_8859_1);
  }

  /** The value. */
  public String value() {
    return new String(line, nameLength + 2, line.length - nameLength - 4, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "HeaderLine[" + name() + "]";
  }
}
