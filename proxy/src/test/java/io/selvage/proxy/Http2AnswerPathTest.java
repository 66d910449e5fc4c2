package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers where one side speaks HTTP/2 and the other HTTP/1.1. */
@Timeout(30)
class Http2AnswerPathTest {
  private static final TestMesh.Options OVER_HTTP2 =
      TestMesh.Options.PLAIN.permissive().http2(UpstreamProtocol.HTTP1, UpstreamProtocol.HTTP2);

  /** The server ends its stream by a frame of its own, and some send what nobody may see. */
  @ParameterizedTest
  @CsvSource({
    "HEAD, 200, ''",
    "HEAD, 200, junk",
    "GET,  204, ''",
    "GET,  304, ''",
    "POST, 204, ''",
  })
  void anAnswerWithoutBodyEndsWithItsHead(String method, String status, String data)
      throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    try (RawBackend backend =
            new RawBackend(
                H2Backend.of(
                    (frame, answer) -> {
                      int stream = frame.stream();
                      if (frame.type() == H2Client.HEADERS && first.getAndSet(false)) {
                        answer
                            .headers(stream, 0, ":status", status)
                            .data(stream, H2Client.END_STREAM, data)
                            .flush();
                      } else if (frame.type() == H2Client.HEADERS) {
                        answer.ok(stream);
                      }
                    }));
        TestMesh mesh = TestMesh.start(backend.port(), OVER_HTTP2);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      client.send(method + " / HTTP/1.1\r\nhost: a\r\n\r\n");
      assertThat(client.head())
          .startsWith("HTTP/1.1 " + status)
          .doesNotContain("transfer-encoding");
      client.send("GET /next HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
    }
  }

  @Test
  void theRestOfARequestThatIsAnsweredIsTakenBack() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    try (RawBackend backend =
            new RawBackend(
                H2Backend.of(
                    (frame, answer) -> {
                      if (frame.type() == H2Client.HEADERS) {
                        answer.ok(frame.stream());
                      } else if (frame.type() == H2Client.RST_STREAM) {
                        taken.countDown();
                      }
                    }));
        TestMesh mesh = TestMesh.start(backend.port(), OVER_HTTP2);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 200").contains("connection: close");
      taken.await();
    }
  }

  @Test
  void whoExpectsToBeToldToGoOnIsTold() throws Exception {
    try (RawBackend backend =
            new RawBackend(
                RawBackend.answeringMessages("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive());
        H2Client client = H2Client.connect(mesh.inboundAddress())) {
      client.request(1, 0, "POST", "/", "content-length", "4", "expect", "100-continue");
      assertThat(client.status()).isEqualTo("100");
      client.data(1, H2Client.END_STREAM, "body");
      assertThat(client.outcome(1).status()).isEqualTo("200");

      // nobody waits where there is no body
      client.get(3, "/", "expect", "100-continue");
      assertThat(client.status()).isEqualTo("200");
    }
  }
}
