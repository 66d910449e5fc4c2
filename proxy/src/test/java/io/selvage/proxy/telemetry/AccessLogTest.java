package io.selvage.proxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is written of a request and of a connection. */
class AccessLogTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void aRequestIsLoggedInIstiosFormat() throws Exception {
    RequestRecord request = Sample.request(connection(TextFormat.istioDefault()));
    request.route("default", "inbound|80||", metrics().edge(Sample.EDGE));
    Sample.answer(request);
    assertThat(lines)
        .containsExactly(
            "[2020-11-25T21:26:18.409Z] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\""
                + " 0 135 3 1 \"-\" \"curl/8 \"quoted\"\" \"d209e46f\" \"httpbin:8000\""
                + " \"127.0.0.1:80\" inbound|80|| 127.0.0.1:41854 10.44.1.23:80 10.44.1.27:42434"
                + " outbound_.8000_._.httpbin.sample.svc.cluster.local default\n");
  }

  @Test
  void aConnectionIsLoggedInTheSameFormat() throws Exception {
    ConnectionRecord connection = connection(TextFormat.istioDefault());
    connection.upstream("inbound|80||", null).flag(ResponseFlag.UF).flag(ResponseFlag.URX);
    connection.received(5);
    connection.denied("", "rbac_access_denied_matched_policy[none]");
    connection.complete(1_000_000);
    assertThat(lines.getFirst())
        .startsWith(
            "[2020-11-25T21:26:18.409Z] \"- - -\" 0 UF,URX - "
                + "rbac_access_denied_matched_policy[none] \"-\" 5 0 1 - ");
  }

  @Test
  void aRequestIsLoggedInJsonWithTypes() throws Exception {
    RequestRecord request =
        Sample.request(
            connection(
                JsonFormat.parse(
                    """
                    {"code": "%RESPONSE_CODE%", "agent": "%REQ(USER-AGENT)%", "none": "%ROUTE_NAME%",
                     "grpc": "%GRPC_STATUS%", "both": "%REQ(:METHOD)% %PROTOCOL%", "fixed": 7,
                     "nested": {"list": ["%RESPONSE_FLAGS%"]}}
                    """)));
    Sample.answer(request);
    assertThat(lines)
        .containsExactly(
            "{\"code\":418,\"agent\":\"curl/8 \\\"quoted\\\"\",\"none\":null,\"grpc\":null,"
                + "\"both\":\"GET HTTP/1.1\",\"fixed\":7,\"nested\":{\"list\":[\"-\"]}}\n");
  }

  @Test
  void operatorsTakeAlternativesAndLimits() throws Exception {
    String format = "%REQ(X-NONE?:PATH):4% %REQ(NONE)% 100%% %START_TIME(%Y/%m %H:%M:%S.%3f)%";
    RequestRecord request = Sample.request(connection(TextFormat.parse(format)));
    Sample.answer(request);
    assertThat(lines).containsExactly("/sta - 100% 2020/11 21:26:18.409");
  }

  @Test
  void anOperatorThatIsNotKnownIsAnError() {
    assertThatThrownBy(() -> TextFormat.parse("%RESPONSE_KODE%"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("%RESPONSE_KODE% is not known; known are REQ(X), RESP(X)");
    assertThatThrownBy(() -> TextFormat.parse("50% of %PROTOCOL%"))
        .hasMessageContaining("no operator begins at '% of");
    assertThatThrownBy(() -> TextFormat.parse("%REQ%")).hasMessageContaining("needs a header");
    assertThatThrownBy(() -> TextFormat.parse("%START_TIME(%Q)%")).hasMessageContaining("%Q");
    assertThatThrownBy(() -> JsonFormat.parse("[]")).hasMessageContaining("JSON object");
    assertThatThrownBy(() -> JsonFormat.parse("{")).hasMessageContaining("not JSON");
  }

  @Test
  void aRecordIsCompletedOnce() throws Exception {
    ConnectionRecord connection = connection(TextFormat.parse("%PROTOCOL%\n"));
    RequestRecord request = Sample.request(connection);
    assertThat(request.complete(1)).isTrue();
    assertThat(request.complete(2)).isFalse();
    assertThat(connection.complete(3)).isTrue();
    assertThat(connection.complete(4)).isFalse();
    assertThat(lines).containsExactly("HTTP/1.1\n", "-\n");
  }

  @Test
  void theFileHasAllLinesInOrderOnceClosed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringBuilder expected = new StringBuilder();
    try (LogFile file = new LogFile("test", out, 10_000, metrics())) {
      for (int i = 0; i < 5_000; i++) {
        file.line((i + "\n").getBytes(StandardCharsets.UTF_8));
        expected.append(i).append('\n');
      }
    }
    assertThat(out).hasToString(expected.toString());
  }

  @Test
  void linesThatFindTheQueueFullAreCounted() throws Exception {
    MeshMetrics metrics = metrics();
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (LogFile file = new LogFile("slow", new Blocked(writing, release), 2, metrics)) {
      file.line(new byte[1]);
      assertThat(writing.await(10, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 5; i++) {
        file.line(new byte[1]);
      }
      release.countDown();
    }
    assertThat(metrics.droppedLines.get()).isEqualTo(3);
  }

  /** A disk that doesn't write until it is told. */
  private static final class Blocked extends OutputStream {
    private final CountDownLatch writing;
    private final CountDownLatch release;

    Blocked(CountDownLatch writing, CountDownLatch release) {
      this.writing = writing;
      this.release = release;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      writing.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private ConnectionRecord connection(LogFormat format) {
    AccessLog log =
        new AccessLog(format, bytes -> lines.add(new String(bytes, StandardCharsets.UTF_8)));
    return Sample.connection(Optional.of(log), new DenialRing(1));
  }

  private static MeshMetrics metrics() {
    return new MeshMetrics(new PrometheusRegistry());
  }
}
