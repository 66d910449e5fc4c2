package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The byte classes of RFC 9110 and the few loops over bytes that must be fast. */
final class Octets {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;

  /** For a token byte its lower case, for any other 0. */
  static final byte[] TOKEN_LOWER = tokens();

  private Octets() {}

  private static byte[] tokens() {
    byte[] table = new byte[256];
    for (char c = 'a'; c <= 'z'; c++) {
      table[c] = (byte) c;
      table[c - 32] = (byte) c;
    }
    for (char c = '0'; c <= '9'; c++) {
      table[c] = (byte) c;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      table[c] = (byte) c;
    }
    return table;
  }

  /** Index of the first byte below 0x20 (tab too) or of DEL, or {@code end}. */
  static int firstControl(byte[] bytes, int from, int end) {
    int at = from;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      long word = (long) LONG.get(bytes, at);
      long below = (word - 0x20 * ONES) & ~word;
      long del = word ^ (0x7f * ONES);
      long hits = (below | ((del - ONES) & ~del)) & HIGH;
      if (hits != 0) {
        return at + (Long.numberOfTrailingZeros(hits) >>> 3);
      }
    }
    for (; at < end; at++) {
      byte b = bytes[at];
      if ((b >= 0 && b < 0x20) || b == 0x7f) {
        return at;
      }
    }
    return end;
  }

  /** Index of the first byte that is not visible ASCII (0x21..0x7e), or {@code end}. */
  static int firstNotVisible(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && bytes[at] > 0x20 && bytes[at] != 0x7f) {
      at++;
    }
    return at;
  }

  /** Index of {@code wanted} in {@code [from, end)}, or -1. */
  static int indexOf(byte[] bytes, int from, int end, char wanted) {
    for (int at = from; at < end; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }

  /** Whether the bytes spell {@code lowerCase}, in whatever case. */
  static boolean equalIgnoreCase(byte[] bytes, int start, int end, String lowerCase) {
    if (end - start != lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < lowerCase.length(); i++) {
      if (lower(bytes[start + i]) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static boolean sameIgnoreCase(byte[] bytes, int start, int end, int otherStart, int otherEnd) {
    if (end - start != otherEnd - otherStart) {
      return false;
    }
    for (int i = 0; i < end - start; i++) {
      if (lower(bytes[start + i]) != lower(bytes[otherStart + i])) {
        return false;
      }
    }
    return true;
  }

  /** The value of a hexadecimal digit, or -1. */
  static int hex(byte b) {
    return switch (b) {
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> b - '0';
      case 'a', 'b', 'c', 'd', 'e', 'f' -> b - 'a' + 10;
      case 'A', 'B', 'C', 'D', 'E', 'F' -> b - 'A' + 10;
      default -> -1;
    };
  }

  /** Writes a number that is not negative in decimal. */
  static void writeDecimal(ByteBuf out, long number) {
    if (number >= 10) {
      writeDecimal(out, number / 10);
    }
    out.writeByte((int) ('0' + number % 10));
  }
}
