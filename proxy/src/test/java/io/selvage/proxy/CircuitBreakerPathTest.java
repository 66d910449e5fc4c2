package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.resource.Cluster;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cluster that may have only so many connections, and so many requests that wait for one. */
@Timeout(30)
class CircuitBreakerPathTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final Semaphore mayAnswer = new Semaphore(0);

  private void answer(InputStream in, OutputStream out) throws java.io.IOException {
    for (String head = RawBackend.head(in); !head.isEmpty(); head = RawBackend.head(in)) {
      arrived.add(head);
      mayAnswer.acquireUninterruptibly();
      if (head.startsWith("POST")) {
        assertThat(in.readNBytes(4)).hasSize(4);
      }
      out.write(OK.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private static TestMesh mesh(int backend, Cluster.Limits limits) throws Exception {
    TestMesh mesh = TestMesh.start(backend, TestMesh.Options.PLAIN.permissive());
    ProxyResources now = mesh.httpbin().resources();
    List<Cluster> limited =
        now.clusters().values().stream()
            .map(
                cluster ->
                    new Cluster(
                        cluster.name(),
                        cluster.discovery(),
                        cluster.loadBalancing(),
                        cluster.connectTimeout(),
                        cluster.protocol(),
                        cluster.transport(),
                        cluster.bindAddress(),
                        limits,
                        cluster.service()))
            .toList();
    mesh.httpbin()
        .apply(
            ProxyResources.of(
                List.copyOf(now.listeners().values()), List.of(), limited, List.of()));
    return mesh;
  }

  /** From now on who sends first is read first. */
  private void isKnown(RawClient... clients) throws Exception {
    for (RawClient client : clients) {
      mayAnswer.release();
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");
      arrived.take();
    }
  }

  @Test
  void whoeverIsOneTooManyWaitsAndTheNextIsRefused() throws Exception {
    try (RawBackend backend = new RawBackend(this::answer);
        TestMesh mesh = mesh(backend.port(), new Cluster.Limits(1, 1, Integer.MAX_VALUE));
        RawClient first = RawClient.connect(mesh.inboundAddress());
        RawClient second = RawClient.connect(mesh.inboundAddress());
        RawClient third = RawClient.connect(mesh.inboundAddress())) {
      isKnown(first, second, third);
      first.send(GET);
      arrived.take();
      second.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n");
      second.send("bo");
      assertThat(third.send(GET).answer())
          .startsWith("HTTP/1.1 503 ")
          .endsWith("reset reason: overflow");
      assertThat(arrived).as("one connection").isEmpty();

      mayAnswer.release(2);
      assertThat(first.answer()).startsWith("HTTP/1.1 200");
      assertThat(second.send("dy").answer()).startsWith("HTTP/1.1 200");
      assertThat(backend.seen()).hasSize(1);
    }
  }

  @Test
  void whoLeavesWhileWaitingMakesRoom() throws Exception {
    try (RawBackend backend = new RawBackend(this::answer);
        TestMesh mesh = mesh(backend.port(), new Cluster.Limits(1, 1, Integer.MAX_VALUE));
        RawClient first = RawClient.connect(mesh.inboundAddress());
        RawClient third = RawClient.connect(mesh.inboundAddress())) {
      try (RawClient second = RawClient.connect(mesh.inboundAddress())) {
        isKnown(first, second, third);
        first.send(GET);
        arrived.take();
        second.send(GET);
        assertThat(third.send(GET).answer()).startsWith("HTTP/1.1 503");
      }
      mayAnswer.release(3);
      assertThat(first.answer()).startsWith("HTTP/1.1 200");
      assertThat(third.send(GET).answer()).startsWith("HTTP/1.1 200");
      assertThat(backend.seen()).hasSize(1);
    }
  }
}
