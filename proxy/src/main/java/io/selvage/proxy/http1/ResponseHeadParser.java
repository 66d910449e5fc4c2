package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads response heads from an upstream connection, as strictly as requests are read: a response
 * whose end two hops see differently poisons the connection for the next client.
 *
 * <p>An informational head (1xx other than a 101 that was asked for) is COMPLETE too: forward it,
 * call {@link #next} with the same exchange, and the final one follows.
 */
public final class ResponseHeadParser {
  private final HeadBuffer head = new HeadBuffer();
  private final HeadScanner scanner;
  private final FramingRules rules = new FramingRules();
  private Exchange exchange = Exchange.PLAIN;
  private boolean inFields;
  private boolean done;
  private BodyFraming framing = BodyFraming.NONE;

  /** A parser for one connection. */
  public ResponseHeadParser(HttpLimits limits) {
    this.scanner = new HeadScanner(head, limits, limits.headBytes(), HttpViolation.HEAD_TOO_LARGE);
  }

  /** Forgets the last head; the next one answers {@code exchange}. */
  public void next(Exchange exchange) {
    this.exchange = exchange;
    head.reset();
    scanner.reset();
    inFields = false;
    done = false;
    framing = BodyFraming.NONE;
  }

  /** Reads on. Consumes what belongs to the head and nothing behind it. */
  public ParseStatus parse(ByteBuf in) {
    if (scanner.violation != null) {
      return ParseStatus.VIOLATION;
    }
    while (scanner.gulp(in) > 0) {
      ParseStatus status = scan();
      if (status == ParseStatus.COMPLETE) {
        scanner.giveBack(in);
        return finish();
      }
      if (status == ParseStatus.VIOLATION) {
        return status;
      }
      if (scanner.isFull()) {
        return scanner.refuse(scanner.tooLarge());
      }
    }
    return ParseStatus.NEED_MORE;
  }

  private ParseStatus scan() {
    if (!inFields) {
      ParseStatus status = scanner.line();
      if (status != ParseStatus.COMPLETE) {
        return status;
      }
      HttpViolation refused = statusLine(head.bytes, scanner.at - 2);
      if (refused != null) {
        return scanner.refuse(refused);
      }
      inFields = true;
    }
    return scanner.fields();
  }

  /** {@code HTTP/1.x SP 3DIGIT [SP reason]}; many servers leave the last space out. */
  private @Nullable HttpViolation statusLine(byte[] bytes, int end) {
    if (end < "HTTP/1.1 200".length() || !RequestLine.isHttpSlash(bytes, 0)) {
      return HttpViolation.MALFORMED_STATUS_LINE;
    }
    boolean version = bytes[5] == '1' && bytes[6] == '.' && (bytes[7] == '0' || bytes[7] == '1');
    if (!version) {
      return HttpViolation.UNSUPPORTED_VERSION;
    }
    int status = 0;
    for (int i = 9; i < 12; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return HttpViolation.MALFORMED_STATUS_LINE;
      }
      status = status * 10 + digit;
    }
    if (bytes[8] != ' ' || status < 100 || (end > 12 && bytes[12] != ' ')) {
      return HttpViolation.MALFORMED_STATUS_LINE;
    }
    head.http10 = bytes[7] == '0';
    head.status = status;
    head.startLineEnd = end;
    head.startLineVerbatim = !head.http10 && end > 12;
    return null;
  }

  private ParseStatus finish() {
    BodyFraming decided = rules.ofResponse(head, exchange);
    if (decided == null) {
      return scanner.refuse(rules.violation());
    }
    framing = decided;
    done = true;
    return ParseStatus.COMPLETE;
  }

  /** Whether a head has begun and not ended. */
  public boolean isMidHead() {
    return head.length > 0 && !done;
  }

  /** Whether this head only informs, and the answer is still to come. */
  public boolean isInformational() {
    return head.status() / 100 == 1 && framing instanceof BodyFraming.None;
  }

  /** The head. */
  public HeadBuffer head() {
    return head;
  }

  /** Where the body ends. */
  public BodyFraming framing() {
    return framing;
  }

  /** Why the response was refused; the client gets 502. */
  public @Nullable HttpViolation violation() {
    return scanner.violation;
  }
}
