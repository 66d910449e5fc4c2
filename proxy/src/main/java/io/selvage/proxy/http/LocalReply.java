package io.selvage.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.selvage.proxy.extauthz.Verdict;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.HttpViolation;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.ResponseHeadParser;
import io.selvage.proxy.telemetry.ResponseFlag;
import io.selvage.proxy.upstream.UpstreamFailure;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An answer that the proxy gives itself, with the words that Envoy uses.
 *
 * @param status HTTP status
 * @param body text
 * @param headers beside the usual ones; each checked when the answer is made
 * @param flag for the access log
 * @param details {@code %RESPONSE_CODE_DETAILS%}
 */
record LocalReply(
    int status, String body, List<Field> headers, Optional<ResponseFlag> flag, String details)
    implements Routed {
  /** A header field. */
  record Field(String name, String value) {}

  static final LocalReply NO_ROUTE =
      new LocalReply(404, "", List.of(), Optional.of(ResponseFlag.NR), "route_not_found");
  static final LocalReply NO_CLUSTER =
      new LocalReply(503, "", List.of(), Optional.of(ResponseFlag.NC), "cluster_not_found");
  static final LocalReply CONNECT_REFUSED =
      new LocalReply(
          405,
          "CONNECT is not served here",
          List.of(),
          Optional.of(ResponseFlag.NR),
          "connect_not_allowed");

  /** The head took longer than it may. */
  static final LocalReply LATE_HEAD =
      new LocalReply(
          408, "request header timeout", List.of(), Optional.empty(), "request_header_timeout");

  /** The client stopped in the middle of its request. */
  static final LocalReply IDLE_REQUEST =
      new LocalReply(
          408, "stream timeout", List.of(), Optional.of(ResponseFlag.SI), "stream_idle_timeout");

  /** The request is complete, and its answer doesn't come. */
  static final LocalReply IDLE_ANSWER =
      new LocalReply(
          504, "stream timeout", List.of(), Optional.of(ResponseFlag.SI), "stream_idle_timeout");

  /** An authorizer would have to be asked about what is under way already. */
  static final LocalReply POLICY_CHANGED =
      new LocalReply(503, "", List.of(), Optional.of(ResponseFlag.LR), "authorization_changed");

  /** Policy said no. */
  static LocalReply denied(String details) {
    return new LocalReply(403, "RBAC: access denied", List.of(), Optional.empty(), details);
  }

  /** The request broke the protocol. */
  static LocalReply of(HttpViolation violation) {
    return new LocalReply(
        violation.status(),
        violation.status() == 400 ? "Bad Request" : "",
        List.of(),
        Optional.of(ResponseFlag.DPE),
        violation.details());
  }

  /** An external authorizer said no, or could not be asked. */
  static LocalReply of(Verdict.Denied denied) {
    return new LocalReply(
        denied.status(),
        denied.body().toStringUtf8(),
        denied.headers().stream().map(line -> new Field(line.name(), line.value())).toList(),
        Optional.of(ResponseFlag.UAEX),
        denied.details());
  }

  /** The upstream gave no answer. */
  static LocalReply of(UpstreamFailure failure) {
    return new LocalReply(
        failure.kind().status(),
        failure.kind().body(),
        List.of(),
        Optional.of(ResponseFlag.valueOf(failure.kind().flag())),
        switch (failure.kind()) {
          case NO_ENDPOINT -> "no_healthy_upstream";
          case TIMEOUT -> "response_timeout";
          case CONNECT_FAILED,
              CONNECT_TIMEOUT,
              TLS_FAILED,
              CLOSED,
              STREAM_RESET,
              STREAM_REFUSED,
              OVERFLOW,
              MALFORMED ->
              "upstream_reset_before_response_started";
        });
  }

  /** A status and text for gRPC clients, who look at nothing else. */
  int grpcStatus() {
    return switch (status) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
  }

  /** The bytes of the body; empty for gRPC. */
  ByteBuf bodyBytes(boolean grpc) {
    return grpc || body.isEmpty()
        ? Unpooled.EMPTY_BUFFER
        : Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
  }

  /**
   * The head.
   *
   * @param grpc shape it as a trailers-only gRPC response
   */
  HeadBuffer head(boolean grpc, Optional<String> requestId) {
    HttpResponseStatus line = HttpResponseStatus.valueOf(grpc ? 200 : status);
    ByteBuf text =
        Unpooled.copiedBuffer(
            "HTTP/1.1 " + line.code() + " " + line.reasonPhrase() + "\r\n\r\n",
            StandardCharsets.ISO_8859_1);
    ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);
    parser.next(Exchange.PLAIN);
    if (parser.parse(text) != ParseStatus.COMPLETE) {
      throw new IllegalStateException("a local reply of status " + status);
    }
    HeadBuffer head = parser.head();
    if (grpc) {
      head.append("content-type", "application/grpc");
      head.append("grpc-status", Integer.toString(grpcStatus()));
      head.append("grpc-message", percentEncoded(body));
    } else {
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      if (length > 0 || status != 204) {
        head.append("content-length", Integer.toString(length));
      }
      if (length > 0
          && headers.stream().noneMatch(h -> h.name().equalsIgnoreCase("content-type"))) {
        head.append("content-type", "text/plain");
      }
    }
    headers.forEach(header -> head.append(header.name(), header.value()));
    requestId.ifPresent(id -> head.append("x-request-id", id));
    return head;
  }

  /** gRPC's {@code Percent-Encoded}: visible ASCII but the percent sign stays as it is. */
  private static String percentEncoded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 0x7f && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }
}
