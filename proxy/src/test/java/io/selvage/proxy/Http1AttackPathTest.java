package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import java.io.InputStream;
import java.io.OutputStream;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What attackers on either side send over HTTP/1.1: sockets in, and what the other side saw. */
class Http1AttackPathTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String GET = "GET /get HTTP/1.1\r\nhost: a\r\n\r\n";

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

  private static RawClient connect(TestMesh mesh) throws Exception {
    return RawClient.connect(mesh.inboundAddress());
  }

  static Stream<JsonNode> table() throws Exception {
    try (InputStream in = Http1AttackPathTest.class.getResourceAsStream("/attacks/http1.json")) {
      List<JsonNode> cases = new ArrayList<>();
      JsonMapper.shared().readTree(Objects.requireNonNull(in)).forEach(cases::add);
      // what goes by the limits of that table is not configured here
      return cases.stream().filter(c -> c.has("refused") && !c.toString().contains("limit"));
    }
  }

  /** The table of the codec once more, through the whole of the proxy. */
  @Test
  void nothingOfARefusedMessageReachesTheApplication() throws Exception {
    NetworkStack.HttpLimits limits =
        new NetworkStack.HttpLimits(
            4, 20, 100, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(limits))) {
      for (JsonNode attack : table().toList()) {
        if (attack.get("status").asInt() == 413
            || attack.get("name").asString().contains("preface")) {
          continue; // bodies have no limit here, and HTTP/2 is taken
        }
        try (RawClient client = connect(mesh)) {
          client.send(attack.get("wire").asString());
          client.endOutput();
          String answer = client.rest();
          boolean inTls = attack.get("name").asString().contains("TLS");
          assertThat(answer)
              .as(attack.get("name").asString())
              .startsWith(inTls ? "" : "HTTP/1.1 " + attack.get("status").asInt() + " ")
              .satisfies(text -> assertThat(text.split("HTTP/1.1 ", -1)).hasSizeLessThan(3));
        }
      }
      for (String seen : backend.seen()) {
        // the head of a message whose body was refused later may be out, on a connection of its own
        assertThat(seen.split(" HTTP/1.1\r\n", -1)).hasSizeLessThan(3);
      }
      try (RawClient client = connect(mesh)) {
        assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200").endsWith("ok");
      }
    }
  }

  // ---- what is behind one request must not become another

  @Test
  void aWebSocketHandshakeWithABodyIsAnOrdinaryRequest() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      try (RawClient client = connect(mesh)) {
        client.send(
            "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                + "content-length: 40\r\n\r\nfive!");
        assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("connection: close");
        assertThat(client.rest()).isEmpty();
      }
      try (RawClient client = connect(mesh)) {
        assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");
      }
      // 35 bytes were still missing on the first connection: it is not used again
      assertThat(backend.seen()).hasSize(2);
      assertThat(backend.seen().getFirst()).doesNotContain("upgrade").doesNotContain("/get");
      assertThat(backend.seen().get(1)).startsWith("GET /get ");
    }
  }

  @Test
  void aWebSocketGoesThroughAndCarriesBothWays() throws Exception {
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          write(out, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\nhello");
          in.transferTo(out);
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      client.send(
          "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 101").contains("upgrade: websocket");
      assertThat(client.text(5)).isEqualTo("hello");
      assertThat(client.send("echo me").text(7)).isEqualTo("echo me");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "websocket, h2c", "h2c, websocket", "TLS/1.0"})
  void noOtherUpgradeIsEverForwarded(String upgrade) throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      client.send(
          "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: "
              + upgrade
              + "\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
      assertThat(backend.seen().getFirst())
          .doesNotContainIgnoringCase("upgrade")
          .doesNotContainIgnoringCase("http2-settings");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"
      })
  void connectIsRefused(String wire) throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      client.send(wire + GET);
      assertThat(client.rest()).startsWith("HTTP/1.1 405").doesNotContain("200 OK");
      assertThat(backend.seen()).isEmpty();
    }
  }

  @Test
  void aRequestThatIsAnsweredBeforeItsEndEndsItsConnections() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      try (RawClient client = connect(mesh)) {
        client.send("POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nabc");
        assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("connection: close");
      }
      try (RawClient client = connect(mesh)) {
        assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");
      }
      assertThat(backend.seen()).hasSize(2);
    }
  }

  @Test
  void aDeniedOrBrokenRequestInAPipelineEndsIt() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      client.send(GET + "GET /two HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n" + GET);
      String all = client.rest();
      assertThat(all).startsWith("HTTP/1.1 200").contains("HTTP/1.1 400");
      assertThat(all.split("HTTP/1.1 ", -1)).hasSize(3);
      assertThat(String.join("", backend.seen())).doesNotContain("/two");
    }
  }

  @Test
  void aSecondTryNeverBeginsInTheMiddleOfABody() throws Exception {
    RetryPolicy policy = new RetryPolicy(List.of("retriable-status-codes"), 2, List.of(503));
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          backend.script(
              (again, to) -> {
                RawBackend.head(again);
                again.readNBytes(300_000);
                write(to, OK);
              });
          write(out, "HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n");
          in.readAllBytes();
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.retrying(policy));
        RawClient client = connect(mesh)) {
      client.send("POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\nSTART");
      client.send("x".repeat(299_995));
      assertThat(client.head()).matches("(?s)HTTP/1.1 (200|503) .*");
      for (String seen : backend.seen()) {
        assertThat(seen.substring(seen.indexOf("\r\n\r\n") + 4)).matches("(?s)(START.*)?");
      }
    }
  }

  // ---- malicious applications

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\nsmuggled",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nx: a\rset-cookie: b\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\nset-cookie: b\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, identity\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "garbage\r\n\r\n"
      })
  void anAnswerThatCouldBeReadTwoWaysIsAnsweredFor(String wire) throws Exception {
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          write(out, wire);
          in.readAllBytes();
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      client.send("GET / HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n");
      String answer = client.answer();
      assertThat(answer).startsWith("HTTP/1.1 502").endsWith("protocol error");
      assertThat(answer).doesNotContain("set-cookie").doesNotContain("smuggled");
    }
  }

  @Test
  void informationalHeadsGoOnButNotWithoutEnd() throws Exception {
    String hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    for (int count : List.of(2, 1_000)) {
      backend.script(
          (in, out) -> {
            RawBackend.head(in);
            write(out, hint.repeat(count) + OK);
            in.readAllBytes();
          });
      try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
          RawClient client = connect(mesh)) {
        String head = client.send(GET).head();
        while (head.startsWith("HTTP/1.1 103")) {
          head = client.head();
        }
        assertThat(head).startsWith(count == 2 ? "HTTP/1.1 200" : "HTTP/1.1 502");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 204 none\r\n\r\n",
        "HTTP/1.1 204 none\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 304 same\r\ncontent-length: 9\r\n\r\n"
      })
  void whatComesBehindAnAnswerAnswersNobody(String answer) throws Exception {
    String poison = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison";
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          backend.script(
              (next, to) -> {
                RawBackend.head(next);
                write(to, OK);
              });
          write(out, answer + poison);
          in.readAllBytes();
        });
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        RawClient client = connect(mesh)) {
      assertThat(client.send(GET).head()).startsWith(answer.substring(0, 12));
      if (answer.endsWith("ok")) {
        assertThat(client.text(2)).isEqualTo("ok");
      }
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200").endsWith("ok");
    }
  }

  @Test
  void aBodyThatBreaksOffBreaksOffForTheClient() throws Exception {
    for (String wire :
        List.of(
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\nZZ\r\n")) {
      backend.script(
          (in, out) -> {
            RawBackend.head(in);
            write(out, wire);
          });
      try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
          RawClient client = connect(mesh)) {
        assertThat(client.send(GET).rest())
            .startsWith("HTTP/1.1 200")
            .doesNotContain("\r\n0\r\n\r\n");
      }
    }
  }

  /** Answers wait for the client, and requests for the answers. */
  @Test
  void aPipelineWhoseAnswersNobodyReadsWaits() throws Exception {
    int requests = 50_000;
    Authorization denyAll =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                    Optional.empty())));
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(denyAll));
        RawClient client = connect(mesh)) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.send(GET.repeat(requests));
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      for (int i = 0; i < requests; i++) {
        assertThat(client.answer()).startsWith("HTTP/1.1 403");
      }
      sender.join();
      assertThat(backend.seen()).isEmpty();
    }
  }

  // ---- slow ones

  private static TestMesh.Options impatient(Duration head, Duration stream) {
    return TestMesh.Options.PLAIN.with(
        new NetworkStack.HttpLimits(60, 100, 100, head, stream, Duration.ZERO, Duration.ZERO));
  }

  @Test
  void aHeadThatTakesTooLongIsAnswered408() throws Exception {
    Duration little = Duration.ofMillis(150);
    for (TestMesh.Options options :
        List.of(impatient(little, Duration.ZERO), impatient(Duration.ZERO, little))) {
      try (TestMesh mesh = mesh(options);
          RawClient client = connect(mesh)) {
        client.send("GET / HTTP/1.1\r\nhost: a\r\nx-slow: ");
        assertThat(client.rest())
            .startsWith("HTTP/1.1 408")
            .contains("connection: close")
            .endsWith("request header timeout");
        assertThat(backend.seen()).isEmpty();
      }
    }
  }

  @Test
  void aBodyThatStopsIsAnswered408() throws Exception {
    backend.script((in, out) -> in.readAllBytes());
    try (TestMesh mesh = mesh(impatient(Duration.ZERO, Duration.ofMillis(150)));
        RawClient client = connect(mesh)) {
      client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
      assertThat(client.rest()).startsWith("HTTP/1.1 408").endsWith("stream timeout");
    }
  }

  @Test
  void anAnswerThatDoesNotComeIsAnswered504() throws Exception {
    backend.script((in, out) -> in.readAllBytes());
    try (TestMesh mesh = mesh(impatient(Duration.ZERO, Duration.ofMillis(150)));
        RawClient client = connect(mesh)) {
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 504").endsWith("stream timeout");
    }
  }

  @Test
  void aStreamThatMovesMayLastLongerThanItMayBeIdle() throws Exception {
    long idle = Duration.ofMillis(200).toNanos();
    backend.script(
        (in, out) -> {
          RawBackend.head(in);
          write(out, "HTTP/1.1 101 ok\r\nupgrade: websocket\r\n\r\n");
          in.transferTo(out);
        });
    try (TestMesh mesh = mesh(impatient(Duration.ZERO, Duration.ofNanos(idle)));
        RawClient client = connect(mesh)) {
      client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      long start = System.nanoTime();
      while (System.nanoTime() - start < 3 * idle) {
        assertThat(client.send("x").text(1)).isEqualTo("x");
      }
      assertThat(client.rest()).isEmpty(); // and ends once it is idle
    }
  }

  private static void write(OutputStream out, String wire) throws java.io.IOException {
    out.write(wire.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }
}
