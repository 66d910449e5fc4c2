package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Headers that concern one connection only. */
class HopByHopTest {
  @Test
  void connectionHeadersDoNotGoOn() {
    assertThat(
            stripped(
                lines(
                    "Connection: keep-alive",
                    "Keep-Alive: timeout=5",
                    "Proxy-Connection: x",
                    "Proxy-Authorization: y",
                    "HTTP2-Settings: z",
                    "Upgrade: h2c",
                    "A: b"),
                false))
        .isEqualTo("a: b\r\n");
  }

  @Test
  void whatConnectionNominatesDoesNotGoOn() {
    assertThat(
            stripped(
                "Connection: close, X-Foo ,\tx-bar\r\nX-FOO: 1\r\nX-Bar: 2\r\nA: b\r\n", false))
        .isEqualTo("a: b\r\n");
  }

  @Test
  void aNominationOfWhatPolicyRestsOnHasNoEffect() {
    String protectedFields =
        lines(
            "authorization: a",
            "cookie: b",
            "x-forwarded-client-cert: c",
            "x-request-id: d",
            "content-length: 0",
            "x-forwarded-for: e",
            "x-forwarded-proto: f");
    assertThat(
            stripped(
                "Connection: Host, Authorization, Cookie, X-Forwarded-Client-Cert, X-Request-Id,"
                    + " Content-Length, X-Forwarded-For, X-Forwarded-Proto\r\n"
                    + protectedFields,
                false))
        .isEqualTo(protectedFields);
  }

  @Test
  void ofTeOnlyTrailersGoesOn() {
    assertThat(stripped("TE: gzip, trailers\r\nConnection: te\r\n", false))
        .isEqualTo("te: trailers\r\n");
    assertThat(stripped("TE: gzip\r\n", false)).isEmpty();
  }

  @Test
  void anAcceptedUpgradeGoesOnWithAConnectionHeaderOfOurOwn() {
    assertThat(stripped("Connection: Upgrade, X-Foo\r\nUpgrade: websocket\r\nX-Foo: 1\r\n", true))
        .isEqualTo("upgrade: websocket\r\nconnection: upgrade\r\n");
  }

  @Test
  void onlyWebSocketIsAnUpgrade() {
    assertThat(HopByHop.isWebSocket(head("Connection: x, UPGRADE\r\nUpgrade: WebSocket\r\n")))
        .isTrue();
    assertThat(HopByHop.isWebSocket(head("Connection: upgrade\r\nUpgrade: h2c\r\n"))).isFalse();
    assertThat(HopByHop.isWebSocket(head("Upgrade: websocket\r\n"))).isFalse();
    assertThat(
            HopByHop.isWebSocket(
                head("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n")))
        .isFalse();
  }

  @Test
  void closeIsSeenInAnyCaseAndPlace() {
    assertThat(HopByHop.isPersistent(head("Connection: x,CLOSE\r\n"))).isFalse();
    assertThat(HopByHop.isPersistent(head("Connection: x\r\nConnection: close\r\n"))).isFalse();
    assertThat(HopByHop.isPersistent(head("Connection: closed\r\n"))).isTrue();
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  private static HeadBuffer head(String headers) {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    String text = "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    assertThat(parser.parse(in)).isEqualTo(ParseStatus.COMPLETE);
    return parser.head();
  }

  private static String stripped(String headers, boolean upgrade) {
    HeadBuffer head = head(headers);
    HopByHop.strip(head, upgrade);
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeRequest(head, out);
    String text = out.toString(StandardCharsets.ISO_8859_1);
    String start = "GET / HTTP/1.1\r\nhost: a\r\n";
    assertThat(text).startsWith(start).endsWith("\r\n\r\n");
    return text.substring(start.length(), text.length() - 2);
  }
}
