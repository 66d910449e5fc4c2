package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Writes a head that was read and edited, in one pass: whatever stands unchanged and adjacent in
 * the buffer is copied as one piece, so a plain request costs two or three copies.
 */
public final class HeadWriter {
  private static final byte[] VERSION_END = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] VERSION_START = "HTTP/1.1".getBytes(StandardCharsets.US_ASCII);
  private static final int COLON_SPACE = (':' << 8) | ' ';
  private static final int CRLF = ('\r' << 8) | '\n';
  private static final int MARGIN = 64;

  private HeadWriter() {}

  /** Writes a request head, in origin form, with the path as it is now, for HTTP/1.1. */
  public static void writeRequest(HeadBuffer head, ByteBuf out) {
    out.ensureWritable(head.length + MARGIN);
    if (head.startLineVerbatim) {
      fields(head, out, head.startLine, head.startLineEnd + 2);
      return;
    }
    byte[] bytes = head.bytes;
    out.writeBytes(bytes, head.methodStart, head.methodEnd - head.methodStart);
    out.writeByte(' ');
    if (head.pathStart == head.pathEnd) {
      out.writeBytes(bytes, head.authorityStart, head.authorityEnd - head.authorityStart);
    } else {
      out.writeBytes(bytes, head.pathStart, head.pathEnd - head.pathStart);
      out.writeBytes(bytes, head.queryStart, head.queryEnd - head.queryStart);
    }
    out.writeBytes(VERSION_END);
    fields(head, out, 0, 0);
  }

  /** Writes a response head, as HTTP/1.1 whatever it came as. */
  public static void writeResponse(HeadBuffer head, ByteBuf out) {
    out.ensureWritable(head.length + MARGIN);
    if (head.startLineVerbatim) {
      fields(head, out, 0, head.startLineEnd + 2);
      return;
    }
    int rest = VERSION_START.length;
    out.writeBytes(VERSION_START);
    out.writeBytes(head.bytes, rest, head.startLineEnd - rest);
    if (head.startLineEnd == "HTTP/1.1 200".length()) {
      out.writeByte(' ');
    }
    out.writeShort(CRLF);
    fields(head, out, 0, 0);
  }

  /** Writes the fields and the empty line; bytes {@code [runStart, runEnd)} go before them. */
  static void fields(HeadBuffer head, ByteBuf out, int runStart, int runEnd) {
    byte[] bytes = head.bytes;
    int from = runStart;
    int to = runEnd;
    for (int i = 0, count = head.fieldCount(); i < count; i++) {
      if (head.isRemoved(i)) {
        continue;
      }
      boolean plain = head.isCanonical(i);
      if (!plain || head.nameStart(i) != to) {
        out.writeBytes(bytes, from, to - from);
        from = head.nameStart(i);
        to = from;
      }
      if (plain) {
        to = head.valueEnd(i) + 2;
      } else {
        writeField(head, i, out);
      }
    }
    out.writeBytes(bytes, from, to - from);
    out.writeShort(CRLF);
  }

  private static void writeField(HeadBuffer head, int index, ByteBuf out) {
    int name = head.nameStart(index);
    int value = head.valueStart(index);
    out.writeBytes(head.bytes, name, head.nameEnd(index) - name);
    out.writeShort(COLON_SPACE);
    out.writeBytes(head.bytes, value, head.valueEnd(index) - value);
    out.writeShort(CRLF);
  }
}
