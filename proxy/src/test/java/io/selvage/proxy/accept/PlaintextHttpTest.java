package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaintextHttpTest {
  private static Optional<List<String>> look(String text) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    try {
      return PlaintextHttp.look(bytes);
    } finally {
      assertThat(bytes.readerIndex()).isZero();
      bytes.release();
    }
  }

  @Test
  void aRequestLineTellsItsVersion() {
    assertThat(look("GET / HTTP/1.1\r\n")).contains(List.of("http/1.1"));
    assertThat(look("GET / HTTP/1.0\n")).contains(List.of("http/1.0"));
    assertThat(look("\r\nM-SEARCH * HTTP/1.1\r\nHost: x\r\n")).contains(List.of("http/1.1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\n",
        "hello world\n",
        " / HTTP/1.1\r\n",
        "GET  HTTP/1.1\r\n",
        "GET / HTTP/1.1x\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / ICY/1.1\r\n",
        "G\u00e9T / HTTP/1.1\r\n",
        "\u0000\u0001",
        "averyveryveryveryverylongfirstword / HTTP/1.1\r\n"
      })
  void anythingElseIsNoHttp(String text) {
    assertThat(look(text)).contains(PlaintextHttp.NONE);
  }

  @Test
  void everyBeginningOfARequestLineNeedsMore() {
    String line = "GET /path HTTP/1.1\r";
    for (int end = 0; end < line.length() - 1; end++) {
      assertThat(look(line.substring(0, end))).as("the first %d bytes", end).isEmpty();
    }
    assertThat(look(line)).contains(List.of("http/1.1"));
  }

  @Test
  void whoNeverEndsTheLineIsNoHttp() {
    assertThat(look("GET /" + "a".repeat(10_000))).contains(PlaintextHttp.NONE);
  }
}
