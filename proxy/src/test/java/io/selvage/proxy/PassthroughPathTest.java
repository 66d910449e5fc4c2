package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that passes TLS on by its server name, without a look inside. */
class PassthroughPathTest {
  private static final String NAME = "outbound_.8000_._.httpbin.sample.svc.cluster.local";
  private static final String LISTENER = "0.0.0.0_15443";
  private static final List<String> ISTIO = List.of("istio-http/1.1", "istio", "http/1.1");

  private RawBackend backend;
  private ProxyEngine engine;
  private WorkloadProxy gateway;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws Exception {
    backend = new RawBackend(PassthroughPathTest::echo);
    engine = new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
    gateway =
        engine.add(
            new WorkloadSpec(
                "istio-system/gateway",
                Workload.UNKNOWN,
                Optional.empty(),
                false,
                List.of(
                    new WorkloadSpec.Binding(
                        LISTENER,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.empty())),
                Optional.of(log)));
    gateway.apply(resources(Duration.ZERO, NAME));
  }

  @AfterEach
  void stop() throws IOException {
    engine.close();
    backend.close();
  }

  private static void echo(InputStream in, OutputStream out) throws IOException {
    byte[] some = new byte[8192];
    for (int count = in.read(some); count >= 0; count = in.read(some)) {
      out.write(some, 0, count);
    }
  }

  private ProxyResources resources(Duration idle, String... names) {
    Optional<AccessLog> written =
        Optional.of(
            new AccessLog(
                "/dev/stdout",
                AccessLog.Encoding.TEXT,
                "%REQUESTED_SERVER_NAME% %BYTES_RECEIVED%\n"));
    List<FilterChain> chains = new ArrayList<>();
    for (String name : names) {
      chains.add(
          new FilterChain(
              name,
              new FilterChain.Match(
                  OptionalInt.empty(),
                  List.of(),
                  List.of(name),
                  FilterChain.Transport.TLS,
                  List.of("istio", "istio-http/1.1"),
                  List.of()),
              Optional.empty(),
              new NetworkStack.Tcp(name, Authorization.NONE, List.of(), name, idle, written)));
    }
    var endpoint =
        new ClusterLoadAssignment.Endpoint(
            "127.0.0.1",
            backend.port(),
            1,
            true,
            Map.of("tlsMode", "istio"),
            ClusterLoadAssignment.Workload.UNKNOWN);
    return ProxyResources.of(
        List.of(
            new Listener(
                LISTENER,
                Listener.Direction.OUTBOUND,
                "0.0.0.0",
                15443,
                true,
                false,
                false,
                chains,
                Optional.empty(),
                Optional.empty())),
        List.of(),
        List.of(
            new Cluster(
                NAME,
                new Cluster.Discovery.Static(
                    new ClusterLoadAssignment(
                        NAME,
                        List.of(
                            new ClusterLoadAssignment.Locality(
                                "", "", "", 0, 1, List.of(endpoint))))),
                Cluster.LoadBalancing.LEAST_REQUEST,
                Duration.ofSeconds(5),
                Cluster.UpstreamProtocol.USE_DOWNSTREAM,
                List.of(new Cluster.TransportMatch("tlsMode-disabled", Map.of(), Optional.empty())),
                Optional.empty(),
                Cluster.Limits.NONE,
                Optional.empty())),
        List.of());
  }

  private RawClient client() throws IOException {
    return RawClient.connect(gateway.boundAddress(LISTENER).orElseThrow());
  }

  private static byte[] hello(String name) {
    return HandshakeBytes.hello(name.getBytes(StandardCharsets.ISO_8859_1), ISTIO);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** The connection is closed, and nothing of it went anywhere. */
  private void isRefused(byte[] bytes) throws IOException {
    try (RawClient client = client()) {
      client.send(bytes);
      assertThat(client.rest()).isEmpty();
      assertThat(backend.seen()).isEmpty();
    }
  }

  @Test
  void everyByteIsPassedOnAndBackAsItCame() throws Exception {
    byte[] hello = hello(NAME);
    byte[] large = new byte[3_000_000];
    new Random(7).nextBytes(large);
    try (RawClient client = client()) {
      client.send(hello);
      assertThat(client.text(hello.length)).isEqualTo(text(hello));
      Thread sending =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.send(large).endOutput();
                    } catch (IOException e) {
                      // what is missing below shows it
                    }
                  });
      assertThat(client.rest().equals(text(large))).isTrue();
      sending.join();
      assertThat(backend.seen()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 60})
  void aHelloInManyRecordsAndPacketsIsPassedOnAsItCame(int size) throws Exception {
    byte[] hello = HandshakeBytes.cut(hello(NAME), size);
    try (RawClient client = client()) {
      for (byte one : hello) {
        client.send(new byte[] {one});
      }
      assertThat(client.text(hello.length)).isEqualTo(text(hello));
    }
  }

  @Test
  void theAccessLogNamesTheServerThatWasAskedFor() throws Exception {
    byte[] hello = hello(NAME);
    try (RawClient client = client()) {
      client.send(hello).endOutput();
      assertThat(client.rest()).isEqualTo(text(hello));
    }
    engine.close(); // writes what is left of the log
    assertThat(log.toString(StandardCharsets.US_ASCII)).isEqualTo(NAME + " " + hello.length + "\n");
  }

  /** A connection's last word comes after its socket is closed: the log must wait for it. */
  @Test
  void theAccessLogHasALineOfEveryConnectionThatTheEndOfTheProxyCloses() throws Exception {
    int count = 200;
    byte[] hello = hello(NAME);
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        RawClient client = client();
        clients.add(client);
        client.send(hello);
        assertThat(client.text(hello.length)).isEqualTo(text(hello));
      }
      engine.close();
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    assertThat(log.toString(StandardCharsets.US_ASCII).lines())
        .hasSize(count)
        .containsOnly(NAME + " " + hello.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "outbound_.8000_._.other.sample.svc.cluster.local",
        "outbound_.8001_._.httpbin.sample.svc.cluster.local",
        "outbound_.8000_.v1_.httpbin.sample.svc.cluster.local",
        "outbound_.8000_._.httpbin.sample.svc.cluster.local.",
        ".outbound_.8000_._.httpbin.sample.svc.cluster.local",
        "outbound|8000||httpbin.sample.svc.cluster.local",
        "httpbin.sample.svc.cluster.local",
        "*",
        "",
        "outbound_.8000_._.httpbin.sample.svc.cluster.local\0.example",
        "outbound_.8000_._.httpbin.sample.svc.cluster.local\u00e9"
      })
  void anotherServerNameIsClosed(String name) throws Exception {
    isRefused(hello(name));
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 10_000, 16_200, 60_000})
  void aServerNameOfAnyLengthIsClosed(int length) throws Exception {
    isRefused(HandshakeBytes.hello("a".repeat(length).getBytes(StandardCharsets.US_ASCII), ISTIO));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "http/1.1", "istio-http/1", "ISTIO", ""})
  void tlsThatIsNotTheMeshsIsClosed(String protocol) throws Exception {
    isRefused(
        HandshakeBytes.hello(
            NAME.getBytes(StandardCharsets.US_ASCII),
            protocol.isEmpty() ? List.of() : List.of(protocol)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nhost: outbound_.8000_._.httpbin.sample.svc.cluster.local\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "SSH-2.0-a\r\n",
        "\u0015\u0003\u0003\u0000\u0002\u0001\u0000"
      })
  void plaintextIsClosed(String bytes) throws Exception {
    isRefused(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aServerNameInCapitalsIsTheSame() throws Exception {
    byte[] hello = hello(NAME.toUpperCase(java.util.Locale.ROOT));
    try (RawClient client = client()) {
      client.send(hello);
      assertThat(client.text(hello.length)).isEqualTo(text(hello));
    }
  }

  @Test
  void manyThatNeverSayAHelloKeepNobodyOut() throws Exception {
    List<RawClient> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        silent.add(client().send(new byte[] {22, 3, 1, 2}));
      }
      byte[] hello = hello(NAME);
      try (RawClient client = client()) {
        client.send(hello);
        assertThat(client.text(hello.length)).isEqualTo(text(hello));
      }
    } finally {
      for (RawClient client : silent) {
        client.close();
      }
    }
  }

  @Test
  void aServiceThatIsNoLongerExposedLosesItsConnectionsAndOthersKeepTheirs() throws Exception {
    String other = NAME.replace("httpbin", "other");
    gateway.apply(resources(Duration.ZERO, NAME, other));
    byte[] hello = hello(NAME);
    try (RawClient kept = client()) {
      kept.send(hello);
      assertThat(kept.text(hello.length)).isEqualTo(text(hello));
      gateway.apply(resources(Duration.ZERO, NAME));
      kept.send("more");
      assertThat(kept.text(4)).isEqualTo("more");
      isRefusedNow(hello(other));
      gateway.apply(resources(Duration.ZERO, other));
      assertThat(kept.rest()).isEmpty();
    }
  }

  private void isRefusedNow(byte[] bytes) throws IOException {
    try (RawClient client = client()) {
      assertThat(client.send(bytes).rest()).isEmpty();
    }
  }

  @Test
  void aConnectionInWhichNothingMovesIsClosed() throws Exception {
    gateway.apply(resources(Duration.ofMillis(200), NAME));
    byte[] hello = hello(NAME);
    try (RawClient client = client()) {
      client.send(hello);
      assertThat(client.text(hello.length)).isEqualTo(text(hello));
      assertThat(client.rest()).isEmpty();
    }
  }
}
