package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import io.selvage.xds.resource.NetworkStack;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What attackers send over HTTP/2: frames in, and what an application of HTTP/1.1 saw. */
class Http2AttackPathTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final byte[] CANCEL = {0, 0, 0, 8};
  private static final Authorization DENY_ALL =
      new Authorization(
          List.of(
              new Authorization.Stage.Rbac(
                  Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                  Optional.empty())));

  private RawBackend backend;

  @BeforeEach
  void startBackend() throws Exception {
    backend = RawBackend.answering(OK);
  }

  @AfterEach
  void stopBackend() throws Exception {
    backend.close();
  }

  private TestMesh mesh(TestMesh.Options options) throws Exception {
    return TestMesh.start(backend.port(), options.permissive());
  }

  private static H2Client connect(TestMesh mesh) throws IOException {
    return H2Client.connect(mesh.inboundAddress());
  }

  // ---- heads

  static Stream<JsonNode> table() throws Exception {
    try (InputStream in = Http2AttackPathTest.class.getResourceAsStream("/attacks/http2.json")) {
      List<JsonNode> cases = new ArrayList<>();
      JsonMapper.shared().readTree(Objects.requireNonNull(in)).forEach(cases::add);
      return cases.stream();
    }
  }

  /** {@code attacks/http2.json}: fields and data of one stream, and its one outcome. */
  @ParameterizedTest
  @MethodSource("table")
  void aHeadHasItsOneOutcome(JsonNode attack) throws Exception {
    // an answer before the body would be in time by chance
    backend.script(RawBackend.answeringMessages(OK));
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        H2Client client = connect(mesh)) {
      List<String> fields = new ArrayList<>();
      attack.get("fields").forEach(text -> fields.add(text.asString()));
      List<String> data = new ArrayList<>();
      if (attack.has("data")) {
        attack.get("data").forEach(text -> data.add(text.asString()));
      }
      int end = data.isEmpty() ? H2Client.END_STREAM : 0;
      client.headers(1, end, fields.toArray(String[]::new));
      for (int i = 0; i < data.size(); i++) {
        client.data(1, i == data.size() - 1 ? H2Client.END_STREAM : 0, data.get(i));
      }
      H2Client.Outcome outcome = client.outcome(1);
      if (attack.has("status")) {
        assertThat(outcome.status()).isEqualTo(attack.get("status").asString());
      } else {
        assertThat(outcome.status()).isEmpty();
        assertThat(outcome.reset() > 0 || outcome.closed()).isTrue();
      }
      String seen = String.join("|", backend.seen());
      if (attack.has("forwarded")) {
        attack.get("forwarded").forEach(text -> assertThat(seen).contains(text.asString()));
      } else if (data.isEmpty()) {
        assertThat(seen).isEmpty();
      } else {
        // the head may be out before a body shows that it is another one than was announced
        assertThat(seen.split(" HTTP/1.1\r\n", -1)).hasSizeLessThan(3);
      }
      if (attack.has("hidden")) {
        attack.get("hidden").forEach(text -> assertThat(seen).doesNotContain(text.asString()));
      }
    }
  }

  // ---- floods: each ends the connection, and the proxy serves others

  private void isEnded(Flood flood) throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      try (H2Client client = connect(mesh)) {
        int code = codeAtTheEnd(client, flood);
        assertThat(code).isIn(-1, 1, 3, 9, ENHANCE_YOUR_CALM);
      }
      try (H2Client client = connect(mesh)) {
        client.get(1, "/after");
        assertThat(client.outcome(1).status()).isEqualTo("200");
      }
    }
  }

  private interface Flood {
    void send(H2Client client, int round) throws IOException;
  }

  /** The code of GOAWAY, or -1 when the connection was closed before it could be read. */
  private static int codeAtTheEnd(H2Client client, Flood flood) throws IOException {
    try {
      for (int i = 0; i < 4_000; i++) {
        flood.send(client, i);
      }
    } catch (IOException e) {
      return -1; // closed while we wrote: what was unread on our side is lost with the reset
    }
    try {
      while (true) {
        H2Client.Frame frame = client.next();
        if (frame.type() == H2Client.GOAWAY) {
          return frame.code();
        }
      }
    } catch (EOFException e) {
      return -1;
    }
  }

  @Test
  void rapidResetEndsTheConnection() throws Exception {
    isEnded(
        (client, i) -> {
          ByteArrayOutputStream both = new ByteArrayOutputStream(); // so that no answer is in time
          byte[] head =
              H2Client.block(":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a");
          int flags = H2Client.END_STREAM | H2Client.END_HEADERS;
          both.write(H2Client.bytesOf(H2Client.HEADERS, flags, 2 * i + 1, head));
          both.write(H2Client.bytesOf(H2Client.RST_STREAM, 0, 2 * i + 1, CANCEL));
          client.send(both.toByteArray());
        });
  }

  /** They end neither the client's connection nor the one to the application. */
  @Test
  void answersThatNobodyWantsToTheEndAreNoAttack() throws Exception {
    backend.script(
        H2Backend.of(
            (frame, answer) -> {
              if (frame.type() == H2Client.HEADERS) {
                answer.headers(frame.stream(), 0, ":status", "200").flush();
              }
            }));
    try (TestMesh mesh =
            mesh(TestMesh.Options.PLAIN.http2(UpstreamProtocol.HTTP2, UpstreamProtocol.HTTP2));
        H2Client client = connect(mesh)) {
      for (int i = 0; i < 600; i++) {
        client.get(2 * i + 1, "/");
        assertThat(client.status()).isEqualTo("200");
        client.frame(H2Client.RST_STREAM, 0, 2 * i + 1, CANCEL);
      }
      client.get(1201, "/");
      assertThat(client.status()).isEqualTo("200");
      assertThat(backend.seen()).hasSize(1);
    }
  }

  @Test
  void headsThatBreakTheProtocolEndTheConnection() throws Exception {
    isEnded((client, i) -> client.request(2 * i + 1, H2Client.END_STREAM, "CONNECT", "/"));
  }

  @Test
  void resetsThatThePeerProvokesEndTheConnection() throws Exception {
    isEnded(
        (client, i) -> {
          client.request(2 * i + 1, 0, "POST", "/");
          client.frame(H2Client.WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]); // of 0: an error
        });
  }

  @Test
  void aContinuationFloodEndsTheConnection() throws Exception {
    isEnded(
        (client, i) -> {
          byte[] block = H2Client.block("x-" + i, "y".repeat(100));
          client.frame(i == 0 ? H2Client.HEADERS : H2Client.CONTINUATION, 0, 1, block);
        });
    isEnded(
        (client, i) ->
            client.frame(
                i == 0 ? H2Client.HEADERS : H2Client.CONTINUATION,
                0,
                1,
                i == 0 ? H2Client.block(":method", "GET") : new byte[0]));
  }

  @Test
  void emptyDataFramesEndTheConnection() throws Exception {
    isEnded(
        (client, i) -> {
          if (i == 0) {
            client.request(1, 0, "POST", "/");
          }
          client.data(1, 0, "");
        });
  }

  @Test
  void pingsAndSettingsWhoseAnswersNobodyReadsEndTheConnection() throws Exception {
    isEnded((client, i) -> many(client, H2Client.PING, new byte[8]));
    isEnded((client, i) -> many(client, H2Client.SETTINGS, new byte[0]));
  }

  /** So many that no kernel's buffers hold the answers. */
  private static void many(H2Client client, int type, byte[] payload) throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      frames.write(H2Client.bytesOf(type, 0, 0, payload));
    }
    client.send(frames.toByteArray());
  }

  @Test
  void aHeaderBombOfTheDynamicTableEndsTheConnection() throws Exception {
    // one large field into the table, then a reference of one byte to it, again and again
    isEnded(
        (client, i) -> {
          byte[] block = new byte[8_000];
          java.util.Arrays.fill(block, (byte) 0xbe);
          if (i == 0) {
            byte[] field = H2Client.block("x", "y".repeat(3_000));
            field[0] = 0x40;
            client.frame(H2Client.HEADERS, H2Client.END_HEADERS, 1, field);
          }
          client.frame(H2Client.HEADERS, H2Client.END_HEADERS, 2 * i + 3, block);
        });
  }

  @Test
  void aWindowThatOverflowsEndsTheConnection() throws Exception {
    isEnded(
        (client, i) ->
            client.frame(
                H2Client.WINDOW_UPDATE,
                0,
                0,
                new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff}));
  }

  @Test
  void aHeadThatIsTooLargeIsAnswered431OrEndsTheConnection() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        H2Client client = connect(mesh)) {
      client.get(1, "/" + "x".repeat(10_000), "x", "y".repeat(6_000));
      assertThat(client.outcome(1).status()).isEqualTo("200");
      String[] many = new String[300];
      java.util.Arrays.setAll(many, i -> i % 2 == 0 ? "x-" + i : "y");
      client.get(3, "/", many);
      assertThat(client.outcome(3).status()).isEqualTo("431");
      for (int i = 0; i < 12; i++) {
        int flags = i == 11 ? H2Client.END_HEADERS : 0;
        byte[] block = H2Client.block("x-" + i, "y".repeat(8_000));
        client.frame(i == 0 ? H2Client.HEADERS : H2Client.CONTINUATION, flags, 5, block);
      }
      assertThat(client.outcome(5))
          .satisfies(o -> assertThat(o.closed() || o.status().equals("431")).isTrue());
      assertThat(backend.seen()).hasSize(1);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset"); // the connection ended while we wrote
    }
  }

  // ---- streams that must not hurt others

  @Test
  void deniedCallsWithBodiesCostNoResetsAndNoConnection() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(DENY_ALL));
        H2Client client = connect(mesh)) {
      for (int i = 0; i < 500; i++) {
        int stream = 2 * i + 1;
        client.request(stream, 0, "POST", "/denied");
        client.data(stream, H2Client.END_STREAM, "body");
        assertThat(client.outcome(stream))
            .isEqualTo(new H2Client.Outcome("403", "RBAC: access denied", -1, false));
      }
    }
  }

  @Test
  void aClientThatGoesOnSendingWhatWasDeniedIsResetWithoutAnError() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(DENY_ALL));
        H2Client client = connect(mesh)) {
      client.request(1, 0, "POST", "/denied");
      assertThat(client.outcome(1).status()).isEqualTo("403");
      H2Client.Frame frame = client.next();
      while (frame.type() != H2Client.RST_STREAM) {
        frame = client.next();
      }
      assertThat(frame.code()).isZero();
    }
  }

  @Test
  void aBodyThatNobodyTakesDoesNotStopOtherStreams() throws Exception {
    backend.script(
        (in, out) -> {
          if (RawBackend.head(in).startsWith("POST /stall")) {
            in.read(new byte[0]);
            java.util.concurrent.locks.LockSupport.park(); // until the test closes us
          } else {
            out.write(OK.getBytes(StandardCharsets.US_ASCII));
            in.readAllBytes();
          }
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        H2Client client = connect(mesh)) {
      client.request(1, 0, "POST", "/stall", "content-length", "100000000");
      String piece = "x".repeat(16_000);
      for (int i = 0; i < 16; i++) {
        client.data(1, 0, piece); // a whole stream's window
      }
      client.request(3, 0, "POST", "/live");
      client.data(3, H2Client.END_STREAM, piece);
      assertThat(client.outcome(3).status()).isEqualTo("200");
    }
  }

  @Test
  void aStreamThatStopsIsAnswered408OrIsReset() throws Exception {
    NetworkStack.HttpLimits limits =
        new NetworkStack.HttpLimits(
            60, 100, 100, Duration.ZERO, Duration.ofMillis(200), Duration.ZERO, Duration.ZERO);
    backend.script((in, out) -> in.readAllBytes());
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(limits));
        H2Client client = connect(mesh)) {
      client.request(1, 0, "POST", "/");
      assertThat(client.outcome(1))
          .satisfies(
              o -> {
                assertThat(o.status()).isEqualTo("408");
                assertThat(o.body()).isEqualTo("stream timeout");
              });
    }
  }

  // ---- to HTTP/1.1

  @Test
  void noMessageGoesOnWithBothLengths() throws Exception {
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          out.write(OK.getBytes(StandardCharsets.US_ASCII));
          in.readAllBytes();
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        H2Client client = connect(mesh)) {
      client.request(1, 0, "POST", "/", "content-length", "0");
      client.data(1, H2Client.END_STREAM, "");
      assertThat(client.outcome(1).status()).isEqualTo("200");
      String seen = backend.seen().getFirst();
      boolean both = seen.contains("content-length") && seen.contains("transfer-encoding");
      assertThat(both).as(seen).isFalse();
    }
  }

  @Test
  void forbiddenTrailersDoNotGoOn() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        H2Client client = connect(mesh)) {
      client.request(1, 0, "POST", "/");
      client.data(1, 0, "x");
      client.headers(1, H2Client.END_STREAM, "x-forwarded-client-cert", "By=forged", "host", "b");
      assertThat(client.outcome(1).status()).isEqualTo("200");
      assertThat(String.join("", backend.seen())).doesNotContain("forged");
    }
  }
}
