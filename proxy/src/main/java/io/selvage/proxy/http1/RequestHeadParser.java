package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads request heads from a connection, one after another, and refuses what RFC 9112 doesn't
 * allow. It can be fed at any byte boundary and looks at no byte twice.
 *
 * <p>After COMPLETE, {@link #head()} and {@link #framing()} hold until {@link #next()}, which must
 * be called before the following head. One empty line before the request line is skipped (RFC 9112
 * 2.2), no more.
 */
public final class RequestHeadParser {
  private enum Phase {
    BEGIN,
    LINE,
    FIELDS,
    DONE
  }

  private final HttpLimits limits;
  private final HeadBuffer head = new HeadBuffer();
  private final HeadScanner scanner;
  private final RequestLine requestLine;
  private final FramingRules rules = new FramingRules();
  private Phase phase = Phase.BEGIN;
  private BodyFraming framing = BodyFraming.NONE;

  /** A parser for one connection. */
  public RequestHeadParser(HttpLimits limits) {
    this.limits = limits;
    this.scanner = new HeadScanner(head, limits, limits.headBytes(), HttpViolation.HEAD_TOO_LARGE);
    this.requestLine = new RequestLine(head, limits);
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
        boolean inLine = phase == Phase.LINE;
        return scanner.refuse(inLine ? HttpViolation.TARGET_TOO_LONG : scanner.tooLarge());
      }
    }
    return ParseStatus.NEED_MORE;
  }

  private ParseStatus scan() {
    if (phase == Phase.BEGIN) {
      ParseStatus status = begin();
      if (status != ParseStatus.COMPLETE) {
        return status;
      }
    }
    if (phase == Phase.LINE) {
      ParseStatus status = scanner.line();
      if (status != ParseStatus.COMPLETE) {
        return status;
      }
      HttpViolation refused = requestLine.read(head.startLine, scanner.at - 2);
      if (refused != null) {
        return scanner.refuse(refused);
      }
      phase = Phase.FIELDS;
    }
    return scanner.fields();
  }

  /** Skips one empty line. */
  private ParseStatus begin() {
    if (head.bytes[0] == '\r') {
      if (head.length == 1) {
        return ParseStatus.NEED_MORE;
      }
      if (head.bytes[1] != '\n') {
        return scanner.refuse(HttpViolation.BARE_CR);
      }
      scanner.at = 2;
    }
    head.startLine = scanner.at;
    phase = Phase.LINE;
    return ParseStatus.COMPLETE;
  }

  private ParseStatus finish() {
    HttpViolation refused = requestLine.resolveAuthority();
    if (refused != null) {
      return scanner.refuse(refused);
    }
    BodyFraming decided = rules.ofRequest(head, limits.bodyBytes());
    if (decided == null) {
      return scanner.refuse(rules.violation());
    }
    framing = decided;
    phase = Phase.DONE;
    return ParseStatus.COMPLETE;
  }

  /** Forgets this head, to read the next. */
  public void next() {
    head.reset();
    scanner.reset();
    framing = BodyFraming.NONE;
    phase = Phase.BEGIN;
  }

  /** Whether a head has begun and not ended: a close now is the client's fault, not the end. */
  public boolean isMidHead() {
    return head.length > 0 && phase != Phase.DONE;
  }

  /** The head; complete after COMPLETE, for logs as far as it goes after VIOLATION. */
  public HeadBuffer head() {
    return head;
  }

  /** Where the body ends. */
  public BodyFraming framing() {
    return framing;
  }

  /** Why the message was refused. */
  public @Nullable HttpViolation violation() {
    return scanner.violation;
  }
}
