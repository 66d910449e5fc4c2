package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaintextProtocolTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "POST /a?b#c HTTP/1.1\r\nHost: a\r\n",
        "\r\nGET / HTTP/1.1\r\n",
        "get\t/\tHTTP/1.1\n",
        "FOO-1 http://a/ HTTP/1.1 ",
        "GET /\u00e9 HTTP/1.1\r\n",
        "CONNECT a:1 HTTP/1.1\r\n",
        "PRINT / HTTP/1.1\r\n",
      })
  void knowsHttp1ByItsRequestLineAndNotBeforeItIsWhole(String text) {
    assertThat(of(text)).contains(List.of("http/1.1"));
    int whole = text.indexOf("HTTP/1.1") + "HTTP/1.1".length() + 1;
    for (int end = 0; end < whole; end++) {
      assertThat(of(text.substring(0, end))).as(text.substring(0, end)).isEmpty();
    }
  }

  @Test
  void knowsTheOthers() {
    assertThat(of("GET / HTTP/1.0\r\n")).contains(List.of("http/1.0"));
    assertThat(of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).contains(List.of("h2c"));
    assertThat(of("PRI * HTTP/2.0\r\n\r\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n",
        "GET\r\n",
        "GET /\r\n",
        " GET / HTTP/1.1\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/1.11\r\n",
        "GET / http/1.1\r\n",
        "G(T / HTTP/1.1\r\n",
        "GET /\u0001 HTTP/1.1\r\n",
        "\u0000",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH",
      })
  void takesNothingElseForHttp(String text) {
    assertThat(of(text)).contains(List.of());
  }

  @Test
  void waitsForNoEndlessLine() {
    String endless = "GET /" + "a".repeat(PlaintextProtocol.MAX_LINE);
    assertThat(of(endless.substring(0, 1000))).isEmpty();
    assertThat(of(endless)).contains(List.of());
  }

  private static Optional<List<String>> of(String text) {
    return PlaintextProtocol.of(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1)));
  }
}
