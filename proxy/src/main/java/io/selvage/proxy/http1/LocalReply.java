package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An answer that the proxy gives itself, with the status, body and response-code detail of Envoy's.
 *
 * @param status status code
 * @param body plain text; may be empty
 * @param details {@code %RESPONSE_CODE_DETAILS%}
 * @param close whether the connection is closed after it
 * @param headers more headers, such as {@code www-authenticate}
 */
public record LocalReply(
    int status, String body, String details, boolean close, List<HeaderLine> headers) {
  /** {@code HTTP/1.1 100 Continue}, whole. */
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] CONNECTION_CLOSE =
      "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PLAIN_TEXT =
      "content-type: text/plain\r\n".getBytes(StandardCharsets.US_ASCII);

  /** No route has a match for the request. */
  public static final LocalReply NO_ROUTE = of(404, "", "route_not_found");

  /** The route's cluster is not known. */
  public static final LocalReply NO_CLUSTER = of(503, "", "cluster_not_found");

  /** The cluster has no endpoint that can be tried. */
  public static final LocalReply NO_HEALTHY_UPSTREAM =
      of(503, "no healthy upstream", "no_healthy_upstream");

  /** The upstream didn't answer in time. */
  public static final LocalReply UPSTREAM_TIMEOUT =
      of(504, "upstream request timeout", "response_timeout");

  /** The client didn't send its head in time. */
  public static final LocalReply REQUEST_TIMEOUT =
      new LocalReply(408, "request timeout", "request_header_timeout", true, List.of());

  /** No connection or request slot is left. */
  public static final LocalReply OVERFLOW =
      of(
          503,
          "upstream connect error or disconnect/reset before headers. reset reason: overflow",
          "upstream_reset_before_response_started{overflow}");

  /** Keeps the headers from change. */
  public LocalReply {
    headers = List.copyOf(headers);
  }

  /** A reply after which the connection goes on. */
  public static LocalReply of(int status, String body, String details) {
    return new LocalReply(status, body, details, false, List.of());
  }

  /**
   * A denial by policy.
   *
   * @param details {@code rbac_access_denied_matched_policy[…]}
   */
  public static LocalReply denied(String details) {
    return of(403, "RBAC: access denied", details);
  }

  /** The answer to a client whose message was refused; the connection can't go on. */
  public static LocalReply refused(HttpViolation violation) {
    String body = violation == HttpViolation.LOW_VERSION ? "" : phrase(violation.status());
    return new LocalReply(violation.status(), body, violation.details(), true, List.of());
  }

  /**
   * The answer to the client when the upstream's message was refused.
   *
   * @param violation what the upstream did
   */
  public static LocalReply badUpstream(HttpViolation violation) {
    return of(
        502,
        "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
        "upstream_reset_before_response_started{protocol_error|" + violation.details() + "}");
  }

  /**
   * The answer when the upstream could not be reached or went away before it answered.
   *
   * @param reason {@code connection failure}, {@code connection termination}, …
   */
  public static LocalReply upstreamReset(String reason) {
    return of(
        503,
        "upstream connect error or disconnect/reset before headers. reset reason: " + reason,
        "upstream_reset_before_response_started{" + reason.replace(' ', '_') + "}");
  }

  /** This reply with one more header. */
  public LocalReply with(HeaderLine header) {
    List<HeaderLine> more = new java.util.ArrayList<>(headers);
    more.add(header);
    return new LocalReply(status, body, details, close, more);
  }

  /** Writes {@code 100 Continue}. */
  public static void writeContinue(ByteBuf out) {
    out.writeBytes(CONTINUE);
  }

  /**
   * Writes the reply for HTTP/1.1.
   *
   * @param toHead the request was HEAD: everything but the body
   * @param closing the connection is closed for another reason
   */
  public void write(
      ByteBuf out, HeaderLine date, HeaderLine server, boolean toHead, boolean closing) {
    byte[] text = body.getBytes(StandardCharsets.UTF_8);
    ascii(out, "HTTP/1.1 " + status + " " + phrase(status) + "\r\ncontent-length: ");
    Octets.writeDecimal(out, text.length);
    ascii(out, "\r\n");
    if (text.length > 0) {
      out.writeBytes(PLAIN_TEXT);
    }
    for (HeaderLine header : headers) {
      out.writeBytes(header.line);
    }
    out.writeBytes(date.line);
    out.writeBytes(server.line);
    if (close || closing) {
      out.writeBytes(CONNECTION_CLOSE);
    }
    ascii(out, "\r\n");
    if (!toHead) {
      out.writeBytes(text);
    }
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  private static String phrase(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 408 -> "Request Timeout";
      case 413 -> "Payload Too Large";
      case 414 -> "URI Too Long";
      case 426 -> "Upgrade Required";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      default -> "Local Reply";
    };
  }
}
