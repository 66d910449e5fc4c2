package io.selvage.proxy.http1;

/**
 * What concerns one connection only and is taken off before a head goes on (RFC 9110 7.6.1). Run
 * before policy, so that a rule never rests on a header which the application doesn't get.
 */
public final class HopByHop {
  private static final HeaderLine CONNECTION_UPGRADE = HeaderLine.of("connection", "upgrade");
  private static final HeaderLine TE_TRAILERS = HeaderLine.of("te", "trailers");

  private HopByHop() {}

  /** Whether the sender lets the connection go on after this message. Ask before stripping. */
  public static boolean isPersistent(HeadBuffer head) {
    return !head.isHttp10() && !hasToken(head, KnownHeader.CONNECTION, "close");
  }

  /** Whether the request asks for WebSocket; no other upgrade is ever forwarded. */
  public static boolean isWebSocket(HeadBuffer head) {
    int upgrade = head.first(KnownHeader.UPGRADE);
    return upgrade >= 0
        && head.next(KnownHeader.UPGRADE, upgrade + 1) < 0
        && head.isValue(upgrade, "websocket")
        && head.isMethod("GET")
        && !head.isHttp10()
        && hasToken(head, KnownHeader.CONNECTION, "upgrade");
  }

  /** Whether the sender waits for {@code 100 Continue} before it sends the body. */
  public static boolean expectsContinue(HeadBuffer head) {
    int expect = head.first(KnownHeader.EXPECT);
    return expect >= 0 && !head.isHttp10() && head.isValue(expect, "100-continue");
  }

  /**
   * Removes the hop-by-hop fields: Connection and what it nominates, Keep-Alive, Proxy-*, TE other
   * than {@code trailers}, and Upgrade. A nomination of a field that policy, framing or identity
   * rest on (Host, Content-Length, Authorization, X-Forwarded-Client-Cert, …) has no effect.
   *
   * @param upgrade keep Upgrade, and say so in a Connection field of our own
   */
  public static void strip(HeadBuffer head, boolean upgrade) {
    int fields = head.fieldCount();
    for (int i = 0; i < fields; i++) {
      KnownHeader known = head.known(i);
      if (head.isRemoved(i) || known == KnownHeader.OTHER) {
        continue;
      }
      if (known == KnownHeader.CONNECTION) {
        dropNominated(head, i);
      }
      if (known.hopByHop() || (known == KnownHeader.UPGRADE && !upgrade)) {
        head.remove(i);
      }
    }
    if (head.has(KnownHeader.TE)) {
      stripTe(head);
    }
    if (upgrade) {
      head.append(CONNECTION_UPGRADE);
    }
  }

  private static void stripTe(HeadBuffer head) {
    boolean trailers = hasToken(head, KnownHeader.TE, "trailers");
    head.remove(KnownHeader.TE);
    if (trailers) {
      head.append(TE_TRAILERS);
    }
  }

  private static void dropNominated(HeadBuffer head, int index) {
    int end = head.valueEnd(index);
    for (int start = head.valueStart(index); start < end; ) {
      int comma = tokenEnd(head.bytes, start, end);
      int from = trimStart(head.bytes, start, comma);
      int to = trimEnd(head.bytes, from, comma);
      if (to > from && !isOption(head.bytes, from, to)) {
        head.removeNamed(from, to);
      }
      start = comma + 1;
    }
  }

  /** Options that are no nomination, or whose field has a rule of its own. */
  private static boolean isOption(byte[] bytes, int start, int end) {
    return Octets.equalIgnoreCase(bytes, start, end, "close")
        || Octets.equalIgnoreCase(bytes, start, end, "upgrade")
        || Octets.equalIgnoreCase(bytes, start, end, "te");
  }

  private static boolean hasToken(HeadBuffer head, KnownHeader header, String lowerCase) {
    for (int i = head.first(header); i >= 0; i = head.next(header, i + 1)) {
      int end = head.valueEnd(i);
      for (int start = head.valueStart(i); start < end; ) {
        int comma = tokenEnd(head.bytes, start, end);
        int from = trimStart(head.bytes, start, comma);
        if (Octets.equalIgnoreCase(head.bytes, from, trimEnd(head.bytes, from, comma), lowerCase)) {
          return true;
        }
        start = comma + 1;
      }
    }
    return false;
  }

  private static int tokenEnd(byte[] bytes, int start, int end) {
    int comma = Octets.indexOf(bytes, start, end, ',');
    return comma < 0 ? end : comma;
  }

  private static int trimStart(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && Octets.isSpace(bytes[at])) {
      at++;
    }
    return at;
  }

  private static int trimEnd(byte[] bytes, int start, int end) {
    int at = end;
    while (at > start && Octets.isSpace(bytes[at - 1])) {
      at--;
    }
    return at;
  }
}
