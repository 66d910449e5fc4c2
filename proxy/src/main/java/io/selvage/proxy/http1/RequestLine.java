package io.selvage.proxy.http1;

import org.jspecify.annotations.Nullable;

/** The request line, the four forms of its target, and whom the request is for. */
final class RequestLine {
  private static final int VERSION_LENGTH = "HTTP/1.1".length();

  private final HeadBuffer head;
  private final HttpLimits limits;
  private boolean authorityInTarget;

  RequestLine(HeadBuffer head, HttpLimits limits) {
    this.head = head;
    this.limits = limits;
  }

  /** Reads {@code method SP target SP HTTP/1.1} from {@code [start, end)}. */
  @Nullable HttpViolation read(int start, int end) {
    byte[] bytes = head.bytes;
    head.startLineEnd = end;
    authorityInTarget = false;
    int method = start;
    while (method < end && Octets.TOKEN_LOWER[bytes[method] & 0xff] != 0) {
      method++;
    }
    if (method == end) {
      return HttpViolation.MALFORMED_REQUEST_LINE;
    }
    if (method == start || bytes[method] != ' ') {
      return HttpViolation.INVALID_METHOD;
    }
    head.methodStart = start;
    head.methodEnd = method;
    int target = Octets.firstNotVisible(bytes, method + 1, end);
    head.targetStart = method + 1;
    head.targetEnd = target;
    if (target == method + 1 || target == end) {
      return HttpViolation.MALFORMED_REQUEST_LINE;
    }
    if (bytes[target] != ' ') {
      return HttpViolation.INVALID_TARGET;
    }
    if (target - method - 1 > limits.targetBytes()) {
      return HttpViolation.TARGET_TOO_LONG;
    }
    HttpViolation version = version(bytes, target + 1, end);
    return version != null ? version : targetForm(bytes, method + 1, target);
  }

  private @Nullable HttpViolation version(byte[] bytes, int start, int end) {
    if (end - start != VERSION_LENGTH
        || !isHttpSlash(bytes, start)
        || !isDigit(bytes[start + 5])
        || bytes[start + 6] != '.'
        || !isDigit(bytes[start + 7])) {
      return Octets.firstNotVisible(bytes, start, end) < end
          ? HttpViolation.INVALID_TARGET
          : HttpViolation.MALFORMED_REQUEST_LINE;
    }
    if (bytes[start + 5] != '1' || bytes[start + 7] > '1') {
      return HttpViolation.UNSUPPORTED_VERSION;
    }
    head.http10 = bytes[start + 7] == '0';
    return head.http10 && !limits.http10() ? HttpViolation.LOW_VERSION : null;
  }

  static boolean isHttpSlash(byte[] bytes, int start) {
    return bytes[start] == 'H'
        && bytes[start + 1] == 'T'
        && bytes[start + 2] == 'T'
        && bytes[start + 3] == 'P'
        && bytes[start + 4] == '/';
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private @Nullable HttpViolation targetForm(byte[] bytes, int start, int end) {
    if (head.isMethod("CONNECT")) {
      return authorityForm(bytes, start, end);
    }
    if (bytes[start] == '/') {
      head.startLineVerbatim = !head.http10;
      splitPath(bytes, start, end);
      return null;
    }
    if (bytes[start] == '*' && end == start + 1) {
      head.pathStart = start;
      head.pathEnd = end;
      head.startLineVerbatim = !head.http10;
      return head.isMethod("OPTIONS") ? null : HttpViolation.INVALID_TARGET;
    }
    return absoluteForm(bytes, start, end);
  }

  private @Nullable HttpViolation authorityForm(byte[] bytes, int start, int end) {
    head.authorityStart = start;
    head.authorityEnd = end;
    authorityInTarget = true;
    return Authority.hasPort(bytes, start, end) ? null : HttpViolation.INVALID_TARGET;
  }

  private @Nullable HttpViolation absoluteForm(byte[] bytes, int start, int end) {
    int authority = afterScheme(bytes, start, end);
    if (authority < 0) {
      return HttpViolation.INVALID_TARGET;
    }
    int path = authority;
    while (path < end && bytes[path] != '/' && bytes[path] != '?' && bytes[path] != '#') {
      path++;
    }
    head.authorityStart = authority;
    head.authorityEnd = path;
    authorityInTarget = true;
    splitPath(bytes, path, end);
    return Authority.isValid(bytes, authority, path) ? null : HttpViolation.INVALID_TARGET;
  }

  private static int afterScheme(byte[] bytes, int start, int end) {
    if (end - start > 7 && Octets.equalIgnoreCase(bytes, start, start + 7, "http://")) {
      return start + 7;
    }
    boolean https = end - start > 8 && Octets.equalIgnoreCase(bytes, start, start + 8, "https://");
    return https ? start + 8 : -1;
  }

  /** A fragment has no place on the wire: it is never seen by a rule and never forwarded. */
  private void splitPath(byte[] bytes, int start, int end) {
    int fragment = Octets.indexOf(bytes, start, end, '#');
    int last = fragment < 0 ? end : fragment;
    int query = Octets.indexOf(bytes, start, last, '?');
    head.pathStart = start;
    head.pathEnd = query < 0 ? last : query;
    head.queryStart = head.pathEnd;
    head.queryEnd = last;
    head.startLineVerbatim &= fragment < 0;
  }

  /** With the fields read: exactly one Host, well formed, and the same as the target's. */
  @Nullable HttpViolation resolveAuthority() {
    int host = head.first(KnownHeader.HOST);
    if (host < 0) {
      return HttpViolation.MISSING_HOST;
    }
    if (head.next(KnownHeader.HOST, host + 1) >= 0) {
      return HttpViolation.DUPLICATE_HOST;
    }
    int start = head.valueStart(host);
    int end = head.valueEnd(host);
    if (!Authority.isValid(head.bytes, start, end)) {
      return HttpViolation.INVALID_HOST;
    }
    if (!authorityInTarget) {
      head.authorityStart = start;
      head.authorityEnd = end;
      return null;
    }
    if (!Octets.sameIgnoreCase(head.bytes, start, end, head.authorityStart, head.authorityEnd)) {
      return HttpViolation.HOST_MISMATCH;
    }
    if (head.pathStart == head.pathEnd && !head.isMethod("CONNECT")) {
      head.rootPath();
    }
    return null;
  }
}
