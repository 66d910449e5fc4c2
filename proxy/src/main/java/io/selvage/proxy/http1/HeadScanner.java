package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.http1.HttpLimits.Underscores;
import org.jspecify.annotations.Nullable;

/**
 * The part of parsing that requests, responses and trailers share: bytes come in, are looked at
 * once each, and lines and fields come out. It can stop between any two bytes and go on there.
 */
final class HeadScanner {
  private enum Phase {
    LINE_START,
    NAME,
    SPACE_BEFORE_VALUE,
    VALUE
  }

  /** How much is taken from the connection's buffer at once; more than nearly every head. */
  private static final int GULP = 2048;

  private final HeadBuffer head;
  private final HttpLimits limits;
  private final int maxBytes;
  private final HttpViolation tooLarge;

  /** The next byte to look at. */
  int at;

  private Phase phase = Phase.LINE_START;
  private int nameStart;
  private int nameEnd;
  private int valueStart;
  private int hash;
  @Nullable HttpViolation violation;

  HeadScanner(HeadBuffer head, HttpLimits limits, int maxBytes, HttpViolation tooLarge) {
    this.head = head;
    this.limits = limits;
    this.maxBytes = maxBytes;
    this.tooLarge = tooLarge;
  }

  void reset() {
    at = 0;
    phase = Phase.LINE_START;
    violation = null;
  }

  ParseStatus refuse(HttpViolation reason) {
    violation = reason;
    return ParseStatus.VIOLATION;
  }

  /** Takes some bytes; how many. None when there are none, or the limit is reached. */
  int gulp(ByteBuf in) {
    int taken = Math.min(in.readableBytes(), Math.min(GULP, maxBytes - head.length));
    head.reserve(taken);
    in.readBytes(head.bytes, head.length, taken);
    head.length += taken;
    return taken;
  }

  boolean isFull() {
    return head.length >= maxBytes;
  }

  HttpViolation tooLarge() {
    return tooLarge;
  }

  /** Gives back the bytes behind the end. */
  void giveBack(ByteBuf in) {
    in.readerIndex(in.readerIndex() - (head.length - at));
    head.length = at;
  }

  /**
   * Looks for the end of a start line.
   *
   * @return COMPLETE with {@link #at} behind its line end
   */
  ParseStatus line() {
    byte[] bytes = head.bytes;
    int end = head.length;
    at = Octets.firstControl(bytes, at, end);
    if (at == end) {
      return ParseStatus.NEED_MORE;
    }
    return bytes[at] == '\r' ? lineFeed(bytes, end) : refuse(strayControl(bytes[at]));
  }

  /** At a carriage return: takes it and the line feed that must follow. */
  private ParseStatus lineFeed(byte[] bytes, int end) {
    if (at + 1 == end) {
      return ParseStatus.NEED_MORE;
    }
    if (bytes[at + 1] != '\n') {
      return refuse(HttpViolation.BARE_CR);
    }
    at += 2;
    return ParseStatus.COMPLETE;
  }

  private static HttpViolation strayControl(byte b) {
    return b == '\n' ? HttpViolation.BARE_LF : HttpViolation.INVALID_CHARACTER;
  }

  /** Reads fields up to and with the empty line that ends them. */
  ParseStatus fields() {
    byte[] bytes = head.bytes;
    int end = head.length;
    while (at < end) {
      ParseStatus status = ParseStatus.COMPLETE;
      if (phase == Phase.LINE_START) {
        if (bytes[at] == '\r') {
          return lineFeed(bytes, end);
        }
        status = fieldStart(bytes[at]);
      }
      if (phase == Phase.NAME) {
        status = name(bytes, end);
      }
      if (phase == Phase.SPACE_BEFORE_VALUE) {
        skipSpace(bytes, end);
      }
      if (phase == Phase.VALUE) {
        status = value(bytes, end);
      }
      if (status != ParseStatus.COMPLETE) {
        return status;
      }
    }
    return ParseStatus.NEED_MORE;
  }

  private ParseStatus fieldStart(byte first) {
    if (Octets.isSpace(first)) {
      return refuse(HttpViolation.OBSOLETE_FOLDING);
    }
    nameStart = at;
    hash = 0;
    phase = Phase.NAME;
    return ParseStatus.COMPLETE;
  }

  private ParseStatus name(byte[] bytes, int end) {
    int i = at;
    int h = hash;
    byte lower = 0;
    while (i < end && (lower = Octets.TOKEN_LOWER[bytes[i] & 0xff]) != 0) {
      bytes[i++] = lower;
      h = 31 * h + lower;
    }
    at = i;
    hash = h;
    if (i == end) {
      return ParseStatus.NEED_MORE;
    }
    if (bytes[i] != ':' || i == nameStart) {
      return refuse(badName(bytes[i]));
    }
    nameEnd = i;
    at = i + 1;
    phase = Phase.SPACE_BEFORE_VALUE;
    return ParseStatus.COMPLETE;
  }

  private static HttpViolation badName(byte b) {
    return switch (b) {
      case ' ', '\t' -> HttpViolation.SPACE_IN_HEADER_NAME;
      case '\n' -> HttpViolation.BARE_LF;
      default -> HttpViolation.INVALID_HEADER_NAME;
    };
  }

  private void skipSpace(byte[] bytes, int end) {
    while (at < end && Octets.isSpace(bytes[at])) {
      at++;
    }
    if (at < end) {
      valueStart = at;
      phase = Phase.VALUE;
    }
  }

  private ParseStatus value(byte[] bytes, int end) {
    at = Octets.firstControl(bytes, at, end);
    while (at < end && bytes[at] == '\t') {
      at = Octets.firstControl(bytes, at + 1, end);
    }
    if (at == end) {
      return ParseStatus.NEED_MORE;
    }
    int valueEnd = at;
    if (bytes[at] != '\r') {
      return refuse(strayControl(bytes[at]));
    }
    ParseStatus status = lineFeed(bytes, end);
    if (status == ParseStatus.COMPLETE) {
      phase = Phase.LINE_START;
      return add(bytes, valueEnd);
    }
    return status;
  }

  private ParseStatus add(byte[] bytes, int lineEnd) {
    int valueEnd = lineEnd;
    while (valueEnd > valueStart && Octets.isSpace(bytes[valueEnd - 1])) {
      valueEnd--;
    }
    if (head.fieldCount() >= limits.headers()) {
      return refuse(HttpViolation.TOO_MANY_HEADERS);
    }
    boolean dropped = false;
    if (limits.underscores() != Underscores.ALLOW
        && Octets.indexOf(bytes, nameStart, nameEnd, '_') >= 0) {
      if (limits.underscores() == Underscores.REJECT) {
        return refuse(HttpViolation.UNDERSCORE_IN_HEADER_NAME);
      }
      dropped = true;
    }
    boolean plain = valueStart == nameEnd + 2 && bytes[nameEnd + 1] == ' ' && valueEnd == lineEnd;
    KnownHeader known = KnownHeader.of(hash, bytes, nameStart, nameEnd);
    head.addField(nameStart, nameEnd, valueStart, valueEnd, hash, known, plain);
    if (dropped) {
      head.remove(head.fieldCount() - 1);
    }
    return ParseStatus.COMPLETE;
  }
}
