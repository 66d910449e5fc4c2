package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RetryPathTest {

  private static final RetryPolicy ON_503 =
      new RetryPolicy(List.of("retriable-status-codes"), 2, List.of(503));
  private static final RetryPolicy ON_REFUSAL =
      new RetryPolicy(List.of("connect-failure", "refused-stream"), 2, List.of());
  private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  private static final String POST_HEAD = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String BUSY = "HTTP/1.1 503 busy\r\ncontent-length: 4\r\n\r\nbusy";

  @Test
  void aFailedAnswerIsTheAnswerWhenNoEndpointIsLeftToTry() throws Exception {
    var mesh = new AtomicReference<TestMesh>();
    try (var backend =
            new RawBackend(
                (in, out) -> {
                  RawBackend.head(in);
                  loseEndpoints(mesh.get().httpbin());
                  out.write(BUSY.getBytes(StandardCharsets.ISO_8859_1));
                  out.flush();
                  in.readAllBytes();
                });
        var started =
            TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive().retrying(ON_503))) {
      TestMesh.discover(started.httpbin(), backend.port());
      mesh.set(started);
      try (var client = RawClient.connect(started.inboundAddress())) {
        client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        assertThat(client.rest()).startsWith("HTTP/1.1 503 ").endsWith("busy");
        assertThat(backend.seen()).hasSize(1);
      }
    }
  }

  @Test
  void aBodyGoesOnToAConnectionThatWasIdle() throws Exception {
    var arrived = new CountDownLatch(1);
    try (var backend =
            new RawBackend(
                (in, out) -> {
                  for (String head = RawBackend.head(in);
                      !head.isEmpty();
                      head = RawBackend.head(in)) {
                    if (head.startsWith("POST")) {
                      arrived.countDown();
                      assertThat(in.readNBytes(4)).hasSize(4);
                    }
                    out.write(OK.getBytes(StandardCharsets.ISO_8859_1));
                    out.flush();
                  }
                });
        var mesh =
            TestMesh.start(
                backend.port(), TestMesh.Options.PLAIN.permissive().retrying(ON_REFUSAL));
        var client = RawClient.connect(mesh.inboundAddress())) {
      TestMesh.discover(mesh.httpbin(), backend.port(), TestMesh.closedPort());
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");

      client.send(POST_HEAD);
      arrived.await();

      assertThat(client.send("body").answer()).startsWith("HTTP/1.1 200");
      assertThat(backend.seen()).as("one connection for both").hasSize(1);
    }
  }

  @Test
  void aBodyGoesOnToAConnectionOfHttp2ThatWasThere() throws Exception {
    var arrived = new CountDownLatch(1);
    try (var backend =
            new RawBackend(
                H2Backend.of(
                    (frame, answer) -> {
                      if (frame.ends()) {
                        answer.ok(frame.stream());
                      } else if (frame.type() == H2Client.HEADERS) {
                        arrived.countDown();
                      }
                    }));
        var refusing =
            new RawBackend(
                H2Backend.of(
                    (frame, answer) -> {
                      if (frame.type() == H2Client.HEADERS) {
                        answer.goAway();
                      }
                    }));
        var mesh =
            TestMesh.start(
                backend.port(),
                TestMesh.Options.PLAIN
                    .permissive()
                    .retrying(ON_REFUSAL)
                    .http2(UpstreamProtocol.HTTP1, UpstreamProtocol.HTTP2));
        var client = RawClient.connect(mesh.inboundAddress())) {
      TestMesh.discover(mesh.httpbin(), backend.port(), refusing.port());
      assertThat(client.send(GET).head()).startsWith("HTTP/1.1 200");

      client.send(POST_HEAD);
      arrived.await();

      assertThat(client.send("body").head()).startsWith("HTTP/1.1 200");
    }
  }

  /** A peer whose kernel accepts, and that never answers: nobody waits for it twice. */
  @Test
  void whoDoesNotShakeHandsIsPassedOver() throws Exception {
    try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var backend = RawBackend.answering(OK);
        var mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN)) {
      int peer = mesh.inboundAddress().getPort();
      TestMesh.discover(mesh.sleep(), Duration.ofSeconds(2), mute.getLocalPort(), peer);
      try (var client = RawClient.connect(mesh.entry())) {
        assertThat(client.send(GET).answer())
            .startsWith("HTTP/1.1 503")
            .endsWith("connection timeout");
        for (int i = 0; i < 4; i++) {
          assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  private static void loseEndpoints(WorkloadProxy proxy) throws IOException {
    ProxyResources now = proxy.resources();
    proxy.apply(
        ProxyResources.of(
            List.copyOf(now.listeners().values()),
            List.of(),
            List.copyOf(now.clusters().values()),
            List.of()));
  }
}
