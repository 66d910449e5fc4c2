package io.selvage.proxy.http1;

import org.jspecify.annotations.Nullable;

/**
 * The decision on a body's framing. Anything that two recipients could read differently is refused
 * rather than repaired: "a server MAY reject a request that contains both Content-Length and
 * Transfer-Encoding" (RFC 9112 6.1), and so on.
 */
final class FramingRules {
  private static final int MAX_LENGTH_DIGITS = 18;

  private @Nullable HttpViolation violation;

  /** Why the last decision was null. */
  HttpViolation violation() {
    return violation == null ? HttpViolation.INVALID_CONTENT_LENGTH : violation;
  }

  /** The framing of a request, or null when it is refused. */
  @Nullable BodyFraming ofRequest(HeadBuffer head, long maxLength) {
    boolean connect = head.isMethod("CONNECT");
    BodyFraming framing = fromHeaders(head, BodyFraming.NONE);
    if (connect
        && (head.has(KnownHeader.TRANSFER_ENCODING) || framing instanceof BodyFraming.Fixed)) {
      return refuse(HttpViolation.BODY_NOT_ALLOWED);
    }
    if (framing instanceof BodyFraming.Fixed(long length) && length > maxLength) {
      return refuse(HttpViolation.BODY_TOO_LARGE);
    }
    return connect && framing != null ? BodyFraming.TUNNEL : framing;
  }

  /** The framing of a response to {@code exchange}, or null when it is refused. */
  @Nullable BodyFraming ofResponse(HeadBuffer head, Exchange exchange) {
    BodyFraming framing = fromHeaders(head, BodyFraming.UNTIL_CLOSE);
    if (framing == null) {
      return null;
    }
    int status = head.status();
    if (status == 101 && !exchange.upgrade()) {
      return refuse(HttpViolation.UNREQUESTED_UPGRADE);
    }
    if (status == 101 || (status / 100 == 2 && exchange.connect())) {
      return BodyFraming.TUNNEL;
    }
    if (status / 100 == 1 || status == 204) {
      head.remove(KnownHeader.CONTENT_LENGTH);
      head.remove(KnownHeader.TRANSFER_ENCODING);
      return BodyFraming.NONE;
    }
    return status == 304 || exchange.head() ? BodyFraming.NONE : framing;
  }

  private @Nullable BodyFraming fromHeaders(HeadBuffer head, BodyFraming otherwise) {
    int length = head.first(KnownHeader.CONTENT_LENGTH);
    int coding = head.first(KnownHeader.TRANSFER_ENCODING);
    if (coding >= 0) {
      return transferEncoding(head, coding, length);
    }
    if (length < 0) {
      return otherwise;
    }
    if (head.next(KnownHeader.CONTENT_LENGTH, length + 1) >= 0) {
      return refuse(HttpViolation.DUPLICATE_CONTENT_LENGTH);
    }
    return contentLength(head.bytes, head.valueStart(length), head.valueEnd(length));
  }

  private @Nullable BodyFraming transferEncoding(HeadBuffer head, int coding, int length) {
    if (length >= 0) {
      return refuse(HttpViolation.CONTENT_LENGTH_AND_TRANSFER_ENCODING);
    }
    if (head.isHttp10()) {
      return refuse(HttpViolation.TRANSFER_ENCODING_IN_HTTP10);
    }
    boolean only = head.next(KnownHeader.TRANSFER_ENCODING, coding + 1) < 0;
    return only && head.isValue(coding, "chunked")
        ? BodyFraming.CHUNKED
        : refuse(HttpViolation.UNSUPPORTED_TRANSFER_ENCODING);
  }

  private @Nullable BodyFraming contentLength(byte[] bytes, int start, int end) {
    if (start == end || end - start > MAX_LENGTH_DIGITS) {
      return refuse(HttpViolation.INVALID_CONTENT_LENGTH);
    }
    long length = 0;
    for (int i = start; i < end; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        boolean list = bytes[i] == ',';
        return refuse(
            list ? HttpViolation.DUPLICATE_CONTENT_LENGTH : HttpViolation.INVALID_CONTENT_LENGTH);
      }
      length = length * 10 + digit;
    }
    return length == 0 ? BodyFraming.NONE : new BodyFraming.Fixed(length);
  }

  private @Nullable BodyFraming refuse(HttpViolation reason) {
    violation = reason;
    return null;
  }
}
