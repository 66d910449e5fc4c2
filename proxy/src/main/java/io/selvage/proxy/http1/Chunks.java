package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Writes the chunked coding around data that came without it (from HTTP/2, or until close). */
public final class Chunks {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CRLF = ('\r' << 8) | '\n';

  private Chunks() {}

  /** Writes the line that announces {@code size} bytes, more than 0. */
  public static void begin(ByteBuf out, int size) {
    if (size <= 0) {
      throw new IllegalArgumentException("a chunk of no bytes would end the body");
    }
    int shift = (31 - Integer.numberOfLeadingZeros(size)) & ~3;
    for (; shift >= 0; shift -= 4) {
      out.writeByte(HEX[(size >>> shift) & 0xf]);
    }
    out.writeShort(CRLF);
  }

  /** Writes the line end after a chunk's data. */
  public static void end(ByteBuf out) {
    out.writeShort(CRLF);
  }

  /** Writes the last chunk, without trailers. */
  public static void last(ByteBuf out) {
    out.writeBytes(LAST);
  }
}
