package io.selvage.proxy.upstream;

import io.netty.handler.ssl.SslHandshakeTimeoutException;

/**
 * Why no answer came from an upstream.
 *
 * @param kind what went wrong
 * @param detail cause in words, for the log; the client sees only the kind
 * @param requestSent bytes of the request may have reached the upstream
 * @param stale a kept connection was closed before any byte of the answer: most likely the upstream
 *     had let it go while it was idle
 */
public record UpstreamFailure(Kind kind, String detail, boolean requestSent, boolean stale) {
  /** A failure before anything was sent. */
  public static UpstreamFailure early(Kind kind, String detail) {
    return new UpstreamFailure(kind, detail, false, false);
  }

  /** The kinds, with Envoy's response flag, the words of its local reply and the status. */
  public enum Kind {
    NO_ENDPOINT("UH", 503, "no healthy upstream"),
    CONNECT_FAILED("UF", 503, reset("remote connection failure")),
    CONNECT_TIMEOUT("UF", 503, reset("connection timeout")),
    TLS_FAILED("UF", 503, reset("remote connection failure, transport failure reason: TLS_error")),
    CLOSED("UC", 503, reset("connection termination")),
    STREAM_RESET("UR", 503, reset("remote reset")),
    STREAM_REFUSED("UR", 503, reset("remote refused stream reset")),
    OVERFLOW("UO", 503, reset("overflow")),
    MALFORMED("UPE", 502, reset("protocol error")),
    TIMEOUT("UT", 504, "upstream request timeout");

    private final String flag;
    private final int status;
    private final String body;

    Kind(String flag, int status, String body) {
      this.flag = flag;
      this.status = status;
      this.body = body;
    }

    /** Of a TLS handshake that failed: its time is the connection's. */
    public static Kind ofHandshake(Throwable cause) {
      return cause instanceof SslHandshakeTimeoutException ? CONNECT_TIMEOUT : TLS_FAILED;
    }

    /** {@code %RESPONSE_FLAGS%}. */
    public String flag() {
      return flag;
    }

    /** What the client gets when nothing has been sent to it yet. */
    public int status() {
      return status;
    }

    /** The body of that answer. */
    public String body() {
      return body;
    }

    private static String reset(String reason) {
      return "upstream connect error or disconnect/reset before headers. reset reason: " + reason;
    }
  }
}
