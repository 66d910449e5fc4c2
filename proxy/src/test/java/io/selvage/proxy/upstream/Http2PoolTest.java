package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.H2Backend;
import io.selvage.proxy.H2Client;
import io.selvage.proxy.RawBackend;
import io.selvage.proxy.extauthz.CheckAnswer;
import io.selvage.proxy.extauthz.CheckCall;
import io.selvage.proxy.extauthz.CheckTransport;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.proxy.tls.AnyRoot;
import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a connection of HTTP/2 to an upstream ends. */
@Timeout(60)
class Http2PoolTest {
  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  private final AtomicLong now = new AtomicLong();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final KeyMaterial material = new KeyMaterial();
  private EventLoops loops;
  private TlsContexts tls;
  private Clusters clusters;

  @BeforeEach
  void start() {
    loops = new EventLoops(Transport.EPOLL, 1);
    tls = new TlsContexts(material, InstantSource.system());
    clusters =
        new Clusters(
            new Upstreams(loops, Sockets.plain(Transport.EPOLL), tls, now::get, bound -> 0));
  }

  @AfterEach
  void stop() {
    clusters.close();
    tls.close();
    loops.close();
  }

  private UpstreamCluster cluster(int port, Optional<TlsSettings.Upstream> tls) {
    var endpoint =
        new ClusterLoadAssignment.Endpoint(
            "127.0.0.1", port, 1, true, Map.of(), ClusterLoadAssignment.Workload.UNKNOWN);
    var here = new ClusterLoadAssignment.Locality("", "", 0, 1, List.of(endpoint));
    var config =
        new Cluster(
            "c",
            new Cluster.Discovery.Static(new ClusterLoadAssignment("c", List.of(here))),
            Cluster.LoadBalancing.ROUND_ROBIN,
            Duration.ofMinutes(1),
            Cluster.UpstreamProtocol.HTTP2,
            List.of(new Cluster.TransportMatch("", Map.of(), tls)),
            Optional.empty(),
            Cluster.Limits.NONE,
            Optional.empty());
    var _ = clusters.update(Map.of("c", config), Map.of());
    return Objects.requireNonNull(clusters.slot("c").cluster());
  }

  private static HeadBuffer get() {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    ByteBuf text =
        Unpooled.copiedBuffer("GET / HTTP/1.1\r\nhost: a\r\n\r\n", StandardCharsets.US_ASCII);
    var _ = parser.parse(text);
    return parser.head();
  }

  private int ask() throws Exception {
    var answer = new CompletableFuture<Integer>();
    CheckTransport.Listener listener =
        new CheckTransport.Listener() {
          @Override
          public void answered(CheckAnswer got) {
            answer.complete(got.status());
          }

          @Override
          public void failed(String reason) {
            answer.completeExceptionally(new AssertionError(reason));
          }
        };
    var transport = new ClusterCheckTransport(clusters.slot("c"));
    var loop = loops.all().getFirst();
    loop.execute(
        () -> {
          var _ = transport.send(new CheckCall(true, get(), ByteString.EMPTY), loop, listener);
        });
    int status = answer.get();
    loop.submit(() -> {}).sync(); // the stream that brought it is closed
    return status;
  }

  private RawBackend backend(H2Backend.OnFrame onFrame) throws Exception {
    RawBackend.Script script = H2Backend.of(onFrame);
    return new RawBackend(
        (in, out) -> {
          script.run(in, out);
          ended.countDown();
        });
  }

  @Test
  void itsPeerSaysGoodbyeWhileItIsIdle() throws Exception {
    try (RawBackend backend =
        backend(
            (frame, answer) -> {
              if (frame.type() == H2Client.HEADERS) {
                answer.ok(frame.stream());
                answer.frame(H2Client.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}).flush();
              }
            })) {
      cluster(backend.port(), Optional.empty());
      assertThat(ask()).isEqualTo(200);
      ended.await();
    }
  }

  @Test
  void nobodyHasNeededItForAMinute() throws Exception {
    try (RawBackend backend =
        backend(
            (frame, answer) -> {
              if (frame.type() == H2Client.HEADERS) {
                answer.ok(frame.stream());
              }
            })) {
      cluster(backend.port(), Optional.empty());
      assertThat(ask()).isEqualTo(200);
      now.addAndGet(Duration.ofSeconds(59).toNanos());
      clusters.sweep();
      assertThat(ask()).isEqualTo(200);
      assertThat(backend.seen()).as("one connection for both").hasSize(1);

      now.addAndGet(Duration.ofSeconds(61).toNanos());
      clusters.sweep();
      ended.await();
    }
  }

  @Test
  void itWasMadeForAnEndpointThatHadGoneMeanwhile() throws Exception {
    try (RawBackend backend =
        backend(
            (frame, answer) -> {
              if (frame.type() == H2Client.HEADERS) {
                answer.ok(frame.stream());
              }
            })) {
      UpstreamCluster cluster = cluster(backend.port(), Optional.empty());
      Endpoint chosen = Objects.requireNonNull(cluster.choose(NOWHERE));
      clusters.update(Map.of(), Map.of()).run();

      var answer = new Answered();
      loops.all().getFirst().execute(() -> send(cluster, chosen, answer).flush());
      answer.ended.await();
      ended.await();
    }
  }

  @Test
  void whoeverWaitedForItHasGoneBeforeItsHandshakeIsOver() throws Exception {
    material.put(new Secret.Validation(TlsSettings.TRUST_BUNDLE, AnyRoot.make()));
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      UpstreamCluster cluster = cluster(mute.getLocalPort(), Optional.of(SETTINGS));
      Endpoint chosen = Objects.requireNonNull(cluster.choose(NOWHERE));
      var loop = loops.all().getFirst();
      UpstreamStream stream = loop.submit(() -> send(cluster, chosen, new Answered())).get();
      clusters.update(Map.of(), Map.of()).run();
      loop.execute(stream::cancel);
      try (Socket socket = mute.accept()) {
        assertThatCode(socket.getInputStream()::readAllBytes)
            .as("there is an end")
            .doesNotThrowAnyException();
      }
    }
  }

  private static final TlsSettings.Upstream SETTINGS =
      new TlsSettings.Upstream(
          Optional.empty(),
          Optional.of(TlsSettings.TRUST_BUNDLE),
          List.of(),
          List.of(),
          TlsSettings.Version.TLS_1_2,
          TlsSettings.Version.TLS_1_3,
          List.of(),
          Optional.empty());

  private UpstreamStream send(UpstreamCluster cluster, Endpoint to, ResponseListener listener) {
    return cluster.send(
        to,
        loops.all().getFirst(),
        true,
        get(),
        BodyForm.NONE,
        Exchange.PLAIN,
        BodyReader.Output.DATA,
        listener);
  }

  private static final class Answered implements ResponseListener {
    final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void onInformational(HeadBuffer head) {}

    @Override
    public void onHead(HeadBuffer head, BodyForm form) {}

    @Override
    public void onData(ByteBuf piece) {
      piece.release();
    }

    @Override
    public void onEnd(@Nullable HeadBuffer trailers) {
      ended.countDown();
    }

    @Override
    public void onReadComplete() {}

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailure(UpstreamFailure failure) {}
  }
}
