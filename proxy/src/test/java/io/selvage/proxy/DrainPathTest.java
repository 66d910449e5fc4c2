package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** A process that is told to end. */
class DrainPathTest {
  private static final CountDownLatch NONE = new CountDownLatch(0);
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String GET = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";

  @Test
  void answersWhatIsUnderWayAndLetsNobodyElseIn() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (RawBackend backend = new RawBackend((in, out) -> slow(in, out, arrived, mayAnswer));
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive());
        RawClient idle = RawClient.connect(mesh.inboundAddress());
        RawClient busy = RawClient.connect(mesh.inboundAddress())) {
      var address = mesh.inboundAddress();
      assertThat(idle.send(GET.replace("/slow", "/")).answer()).startsWith("HTTP/1.1 200");
      busy.send(GET);
      arrived.await();
      Thread drain = Thread.ofVirtual().start(() -> mesh.engine().drain(Duration.ofSeconds(30)));
      assertThat(idle.rest()).isEmpty(); // closed at once
      assertThatThrownBy(() -> RawClient.connect(address)).isInstanceOf(ConnectException.class);
      mayAnswer.countDown();
      assertThat(busy.rest())
          .startsWith("HTTP/1.1 200")
          .contains("connection: close")
          .endsWith("ok");
      drain.join();
    }
  }

  @Test
  void aPeerOfTheMeshThatHasSentItsNextRequestAlreadyIsAnswered() throws Exception {
    try (RawBackend backend = new RawBackend((in, out) -> slow(in, out, NONE, NONE));
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive());
        SSLSocket socket = sleep(mesh).connect(mesh.inboundAddress(), "TLSv1.3");
        RawClient plain = RawClient.connect(mesh.inboundAddress());
        RawClient peer = RawClient.over(socket)) {
      String get = GET.replace("/slow", "/");
      assertThat(peer.send(get).answer()).startsWith("HTTP/1.1 200");
      assertThat(plain.send(get).answer()).startsWith("HTTP/1.1 200");
      Thread drain = Thread.ofVirtual().start(() -> mesh.engine().drain(Duration.ofSeconds(30)));
      assertThat(plain.rest()).as("the end of what is drained has begun").isEmpty();
      assertThat(peer.send(get).rest())
          .startsWith("HTTP/1.1 200")
          .contains("connection: close")
          .endsWith("ok");
      drain.join();
    }
  }

  private static TlsClient sleep(TestMesh mesh) throws Exception {
    return TlsClient.of(
        mesh.authority()
            .issue(KeyAlgorithm.ECDSA_P256, SpiffeId.parse(TestMesh.SLEEP), Duration.ofHours(1)));
  }

  @Test
  void turnsCallersAwayWhileWhoComesIsStillAnswered() throws Exception {
    CountDownLatch now = new CountDownLatch(0);
    try (RawBackend backend = new RawBackend((in, out) -> slow(in, out, now, now));
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive());
        RawClient idle = RawClient.connect(mesh.inboundAddress())) {
      String get = GET.replace("/slow", "/");
      assertThat(idle.send(get).answer()).startsWith("HTTP/1.1 200");
      mesh.httpbin().turnAway(Duration.ofSeconds(30));
      assertThat(idle.rest()).isEmpty();
      try (RawClient late = RawClient.connect(mesh.inboundAddress())) {
        assertThat(late.send(get).rest())
            .startsWith("HTTP/1.1 200")
            .contains("connection: close")
            .endsWith("ok");
      }
      try (RawClient outwards = RawClient.connect(mesh.entry())) {
        assertThat(outwards.send(get).answer()).doesNotContain("connection: close");
      }
    }
  }

  /** A Service is deleted, or leads to another port, with a request half read. */
  @Test
  void whoseChainIsDrainedIsServedAlthoughItsClusterIsNoLongerConfigured() throws Exception {
    try (RawBackend backend = new RawBackend((in, out) -> slow(in, out, NONE, NONE));
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive());
        RawClient client = RawClient.connect(mesh.inboundAddress());
        RawClient other = RawClient.connect(mesh.inboundAddress())) {
      client.send(GET.substring(0, 10));
      assertThat(other.send(GET.replace("/slow", "/")).answer()).startsWith("HTTP/1.1 200");
      ProxyResources strict = mesh.inbound(TestMesh.Options.PLAIN);
      mesh.httpbin()
          .apply(
              ProxyResources.of(
                  List.copyOf(strict.listeners().values()), List.of(), List.of(), List.of()));
      assertThat(other.rest()).as("the end of the chain has begun").isEmpty();

      assertThat(client.send(GET.substring(10)).rest())
          .startsWith("HTTP/1.1 200")
          .contains("connection: close");
    }
  }

  private static void slow(
      java.io.InputStream in,
      java.io.OutputStream out,
      CountDownLatch arrived,
      CountDownLatch mayAnswer)
      throws java.io.IOException {
    for (String head = RawBackend.head(in); !head.isEmpty(); head = RawBackend.head(in)) {
      if (head.startsWith("GET /slow")) {
        arrived.countDown();
        await(mayAnswer);
      }
      out.write(OK.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
