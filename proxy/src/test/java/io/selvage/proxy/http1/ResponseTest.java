package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of an upstream. */
class ResponseTest {
  private static final Exchange TO_HEAD = new Exchange(true, false, false);
  private static final Exchange TO_CONNECT = new Exchange(false, true, false);
  private static final Exchange TO_UPGRADE = new Exchange(false, false, true);

  @Test
  void theEndOfTheBodyFollowsFromTheHead() {
    String length = "Content-Length: 5\r\n";
    String chunked = "Transfer-Encoding: chunked\r\n";
    assertThat(framing("200 OK", length, Exchange.PLAIN)).isEqualTo(new BodyFraming.Fixed(5));
    assertThat(framing("200 OK", chunked, Exchange.PLAIN)).isEqualTo(BodyFraming.CHUNKED);
    assertThat(framing("200 OK", "", Exchange.PLAIN)).isEqualTo(BodyFraming.UNTIL_CLOSE);
    assertThat(framing("200 OK", length, TO_HEAD)).isEqualTo(BodyFraming.NONE);
    assertThat(framing("304 x", length, Exchange.PLAIN)).isEqualTo(BodyFraming.NONE);
    assertThat(framing("204 x", chunked, Exchange.PLAIN)).isEqualTo(BodyFraming.NONE);
    assertThat(framing("100 Continue", "", Exchange.PLAIN)).isEqualTo(BodyFraming.NONE);
    assertThat(framing("200 x", length, TO_CONNECT)).isEqualTo(BodyFraming.TUNNEL);
    assertThat(framing("407 x", length, TO_CONNECT)).isEqualTo(new BodyFraming.Fixed(5));
    assertThat(framing("101 x", "", TO_UPGRADE)).isEqualTo(BodyFraming.TUNNEL);
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',"
        + " CONTENT_LENGTH_AND_TRANSFER_ENCODING",
    "'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n', DUPLICATE_CONTENT_LENGTH",
    "'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', TRANSFER_ENCODING_IN_HTTP10",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', UNSUPPORTED_TRANSFER_ENCODING",
    "'HTTP/1.1 20 OK\r\n\r\n', MALFORMED_STATUS_LINE",
    "'HTTP/1.1 099 OK\r\n\r\n', MALFORMED_STATUS_LINE",
    "'HTTP/1.1 2000 OK\r\n\r\n', MALFORMED_STATUS_LINE",
    "'HTTP/1.1  200 OK\r\n\r\n', MALFORMED_STATUS_LINE",
    "'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n', UNREQUESTED_UPGRADE",
    "'HTTP/2.0 200 OK\r\n\r\n', UNSUPPORTED_VERSION",
    "'ICY 200 OK and more\r\n\r\n', MALFORMED_STATUS_LINE",
    "'HTTP/1.1 200 OK\n\r\n', BARE_LF",
    "'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', OBSOLETE_FOLDING",
    "'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', SPACE_IN_HEADER_NAME"
  })
  void whatTwoHopsCouldReadDifferentlyIsRefused(String wire, HttpViolation violation) {
    for (int cut = 0; cut < wire.length(); cut++) {
      ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);
      parser.next(Exchange.PLAIN);
      ParseStatus status = parser.parse(bytes(wire.substring(0, cut)));
      if (status == ParseStatus.NEED_MORE) {
        status = parser.parse(bytes(wire.substring(cut)));
      }
      assertThat(status).isEqualTo(ParseStatus.VIOLATION);
      assertThat(parser.violation()).isEqualTo(violation);
    }
  }

  @Test
  void anHttp10AnswerGoesOnAsHttp11() {
    ResponseHeadParser parser = parsed("HTTP/1.0 200\r\nA: b\r\n\r\n", Exchange.PLAIN);
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeResponse(parser.head(), out);
    assertThat(text(out)).isEqualTo("HTTP/1.1 200 \r\na: b\r\n\r\n");
    assertThat(HopByHop.isPersistent(parser.head())).isFalse();
  }

  @Test
  void theProxysOwnHeadersReplaceThoseOfTheUpstream() {
    ResponseHeadParser parser =
        parsed("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n", Exchange.PLAIN);
    HeadBuffer head = parser.head();
    head.set(HeaderLine.of("server", "istio-envoy"));
    head.setNumber(KnownHeader.X_ENVOY_UPSTREAM_SERVICE_TIME, 7);
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeResponse(head, out);
    assertThat(text(out))
        .isEqualTo(
            lines(
                "HTTP/1.1 200 OK",
                "content-length: 0",
                "server: istio-envoy",
                "x-envoy-upstream-service-time: 7"));
  }

  @Test
  void chunksOfOurOwnAreWhatWeReadOurselves() {
    ByteBuf wire = Unpooled.buffer();
    for (int size : new int[] {1, 15, 16, 255, 4096}) {
      Chunks.begin(wire, size);
      wire.writeZero(size);
      Chunks.end(wire);
    }
    Chunks.last(wire);
    BodyReader reader = new BodyReader(HttpLimits.DEFAULT, BodyReader.Output.DATA);
    reader.begin(BodyFraming.CHUNKED);
    assertThat(reader.read(wire, ByteBuf::release)).isEqualTo(ParseStatus.COMPLETE);
    assertThat(reader.dataBytes()).isEqualTo(1 + 15 + 16 + 255 + 4096);
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  private static BodyFraming framing(String status, String headers, Exchange exchange) {
    return parsed("HTTP/1.1 " + status + "\r\n" + headers + "\r\n", exchange).framing();
  }

  private static ResponseHeadParser parsed(String wire, Exchange exchange) {
    ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);
    parser.next(exchange);
    assertThat(parser.parse(bytes(wire))).isEqualTo(ParseStatus.COMPLETE);
    return parser;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static String text(ByteBuf out) {
    return out.toString(StandardCharsets.ISO_8859_1);
  }
}
