package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.NetworkStack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of what is under way when policy changes. */
@Timeout(60)
class PolicyChangePathTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  private static final String WEB_SOCKET =
      "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  private static final String SWITCHED =
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  private static final Authorization DENY_ALL =
      new Authorization(
          List.of(
              new Authorization.Stage.Rbac(
                  Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                  Optional.empty())));
  private static final TestMesh.Options PLAIN = TestMesh.Options.PLAIN.permissive();

  /** One gRPC message without a field; one whose status is PERMISSION_DENIED. */
  private static final String AGREES = "\0\0\0\0\0";

  private static final String OBJECTS = "\0\0\0\0\4\n\2\b\7";

  private final BlockingQueue<Integer> asked = new LinkedBlockingQueue<>();
  private volatile String verdict = AGREES;
  private volatile CountDownLatch mayAnswer = new CountDownLatch(0);
  private RawBackend authorizer;
  private RawBackend echo;

  @BeforeEach
  void startBackends() throws Exception {
    authorizer = new RawBackend(H2Backend.of(this::judge));
    echo = new RawBackend((in, out) -> in.transferTo(out));
  }

  private void judge(H2Client.Frame frame, H2Backend.Answer answer) throws java.io.IOException {
    if (frame.ends()) {
      asked.add(frame.stream());
      await(mayAnswer);
      answer
          .headers(frame.stream(), 0, ":status", "200", "content-type", "application/grpc")
          .data(frame.stream(), 0, verdict)
          .headers(frame.stream(), H2Client.END_STREAM, "grpc-status", "0")
          .flush();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void stopBackends() throws Exception {
    authorizer.close();
    echo.close();
  }

  private TestMesh mesh(int backend, TestMesh.Options options) throws Exception {
    TestMesh mesh = TestMesh.start(backend, options);
    mesh.authorizer(authorizer.port());
    mesh.apply(options);
    return mesh;
  }

  private static HttpFilter custom() {
    Matcher always = new Matcher.Always();
    RbacPolicy all = new RbacPolicy("ask", List.of(always), List.of(always));
    return new HttpFilter.Authorize(
        new Authorization(
            List.of(
                new Authorization.Stage.Custom(
                    "provider",
                    new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(all)),
                    false))),
        List.of(
            new ExternalAuthorizer(
                "provider",
                TestMesh.AUTHORIZER,
                Duration.ofSeconds(20),
                false,
                403,
                Optional.empty(),
                new ExternalAuthorizer.Protocol.Grpc())));
  }

  private static TestMesh.Options draining(Duration time) {
    NetworkStack.HttpLimits limits = NetworkStack.HttpLimits.DEFAULT;
    return PLAIN.with(
        new NetworkStack.HttpLimits(
            limits.maxRequestHeadersKiB(),
            limits.maxHeaders(),
            limits.maxConcurrentStreams(),
            limits.requestHeadersTimeout(),
            limits.streamIdleTimeout(),
            limits.connectionIdleTimeout(),
            time));
  }

  private static void isDeniedOnce(TestMesh mesh) {
    assertThat(mesh.engine().denials().latest(2)).hasSize(1);
  }

  // ---- TCP

  @Test
  void aTcpConnectionEndsByAPolicyBehindAnAuthorizerThatAgrees() throws Exception {
    TestMesh.Options options = PLAIN.asTcp();
    try (TestMesh mesh = mesh(echo.port(), options.after(custom()));
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send("a").text(1)).isEqualTo("a");
      mesh.apply(options.after(custom()).with(DENY_ALL));

      assertThat(client.rest()).isEmpty();
      isDeniedOnce(mesh);
      assertThat(asked).hasSize(1);
    }
  }

  @Test
  void anAuthorizerIsAskedAboutATcpConnectionThatIsOpen() throws Exception {
    TestMesh.Options options = PLAIN.asTcp();
    try (TestMesh mesh = mesh(echo.port(), options);
        RawClient agreed = RawClient.connect(mesh.inboundAddress())) {
      assertThat(agreed.send("a").text(1)).isEqualTo("a");
      mesh.apply(options.after(custom()));
      asked.take();
      assertThat(agreed.send("b").text(1)).isEqualTo("b");
      mesh.apply(options.after(custom())); // nothing new, and nobody is asked
      assertThat(agreed.send("c").text(1)).isEqualTo("c");
      assertThat(asked).isEmpty();

      mesh.apply(options);
      verdict = OBJECTS;
      mesh.apply(options.after(custom()));
      assertThat(agreed.rest()).isEmpty();
      isDeniedOnce(mesh);
    }
  }

  @Test
  void aQuestionAboutATcpConnectionThatNobodyAsksAnyMoreIsLetBe() throws Exception {
    mayAnswer = new CountDownLatch(1);
    TestMesh.Options options = PLAIN.asTcp();
    for (boolean denies : new boolean[] {false, true}) {
      try (TestMesh mesh = mesh(echo.port(), options.after(custom()));
          RawClient client = RawClient.connect(mesh.inboundAddress())) {
        client.send("a");
        asked.take();
        mesh.apply(denies ? options.with(DENY_ALL) : options);
        assertThat(denies ? client.rest() : client.text(1)).isEqualTo(denies ? "" : "a");
      }
    }
    mayAnswer.countDown();
  }

  // ---- HTTP

  @Test
  void aWebSocketEndsWhenItIsForbidden() throws Exception {
    try (RawBackend chat = new RawBackend(PolicyChangePathTest::chat);
        TestMesh mesh = mesh(chat.port(), PLAIN);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(WEB_SOCKET).head()).startsWith("HTTP/1.1 101");
      assertThat(client.send("a").text(1)).isEqualTo("a");
      mesh.apply(PLAIN); // nothing new
      mesh.apply(PLAIN.with(DENY_ALL));
      assertThat(client.rest()).isEmpty();
      isDeniedOnce(mesh);
    }
  }

  @Test
  void aWebSocketThatANewPolicyAllowsGoesOn() throws Exception {
    try (RawBackend chat = new RawBackend(PolicyChangePathTest::chat);
        TestMesh mesh = mesh(chat.port(), PLAIN);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(WEB_SOCKET).head()).startsWith("HTTP/1.1 101");
      mesh.apply(PLAIN.with(new Authorization(List.of(allowAll()))));
      assertThat(client.send("a").text(1)).isEqualTo("a");
      mesh.apply(PLAIN.with(DENY_ALL));
      assertThat(client.rest()).isEmpty();
    }
  }

  private static Authorization.Stage allowAll() {
    Matcher always = new Matcher.Always();
    RbacPolicy all = new RbacPolicy("allow", List.of(always), List.of(always));
    return new Authorization.Stage.Rbac(
        Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(all))),
        Optional.empty());
  }

  private static void chat(java.io.InputStream in, java.io.OutputStream out)
      throws java.io.IOException {
    if (RawBackend.head(in).startsWith("GET /chat")) {
      out.write(SWITCHED.getBytes(StandardCharsets.US_ASCII));
      in.transferTo(out);
    }
  }

  @Test
  void aStreamOfHttp2IsResetAndItsConnectionGoesOn() throws Exception {
    try (RawBackend backend =
            new RawBackend(
                H2Backend.of(
                    (frame, answer) -> {
                      if (frame.type() == H2Client.HEADERS) {
                        answer
                            .headers(frame.stream(), 0, ":status", "200")
                            .data(frame.stream(), 0, "begun")
                            .flush();
                      }
                    }));
        TestMesh mesh =
            mesh(backend.port(), PLAIN.http2(UpstreamProtocol.HTTP2, UpstreamProtocol.HTTP2));
        H2Client client = H2Client.connect(mesh.inboundAddress())) {
      client.request(1, 0, "POST", "/watch", "content-type", "application/grpc");
      assertThat(client.status()).isEqualTo("200");
      mesh.apply(PLAIN.http2(UpstreamProtocol.HTTP2, UpstreamProtocol.HTTP2).with(DENY_ALL));

      assertThat(client.outcome(1).reset()).isPositive();
      isDeniedOnce(mesh);
      client.get(3, "/");
      assertThat(client.outcome(3).status()).isEqualTo("403");
    }
  }

  @Test
  void aDownloadEndsWhenItIsForbidden() throws Exception {
    try (RawBackend backend =
            new RawBackend(
                (in, out) -> {
                  RawBackend.head(in);
                  out.write(
                      "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegun"
                          .getBytes(StandardCharsets.US_ASCII));
                  in.readAllBytes();
                });
        TestMesh mesh = mesh(backend.port(), PLAIN);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(GET).head()).startsWith("HTTP/1.1 200");
      assertThat(client.text(5)).isEqualTo("begun");
      mesh.apply(PLAIN.with(DENY_ALL));
      assertThat(client.rest()).isEmpty();
      isDeniedOnce(mesh);
    }
  }

  @Test
  void aRequestThatWaitsForItsAnswerGetsOne() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    try (RawBackend backend =
            new RawBackend(
                (in, out) -> {
                  RawBackend.head(in);
                  arrived.countDown();
                  in.readAllBytes(); // until the proxy lets go
                  out.write(OK.getBytes(StandardCharsets.US_ASCII));
                });
        TestMesh mesh = mesh(backend.port(), PLAIN);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      client.send(GET);
      arrived.await();
      mesh.apply(PLAIN.with(DENY_ALL));
      assertThat(client.answer()).startsWith("HTTP/1.1 403");
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 403");
      assertThat(mesh.engine().denials().latest(3)).hasSize(2);
    }
  }

  @Test
  void whatAnAuthorizerWouldHaveToBeAskedAboutEndsAfterTheDrainTime() throws Exception {
    TestMesh.Options options = draining(Duration.ofMillis(50));
    try (RawBackend chat = new RawBackend(PolicyChangePathTest::chat);
        TestMesh mesh = mesh(chat.port(), options);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(WEB_SOCKET).head()).startsWith("HTTP/1.1 101");
      mesh.apply(options.after(custom()));
      assertThat(client.rest()).isEmpty();
      assertThat(asked).isEmpty();
      assertThat(mesh.engine().denials().latest(1)).isEmpty();
    }
  }

  @Test
  void whatAnAuthorizerHasAgreedToGoesOnWhileItIsAskedTheSame() throws Exception {
    TestMesh.Options options = draining(Duration.ZERO).after(custom());
    try (RawBackend chat = new RawBackend(PolicyChangePathTest::chat);
        TestMesh mesh = mesh(chat.port(), options);
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(WEB_SOCKET).head()).startsWith("HTTP/1.1 101");
      mesh.apply(options.with(new Authorization(List.of(allowAll()))));
      assertThat(client.send("a").text(1)).isEqualTo("a");
      assertThat(client.send("b").text(1)).isEqualTo("b");
      assertThat(asked).hasSize(1);
    }
  }

  @Test
  void whatIsForbiddenBehindAnAuthorizerEndsAtOnce() throws Exception {
    TestMesh.Options options = draining(Duration.ofHours(1));
    try (RawBackend chat = new RawBackend(PolicyChangePathTest::chat);
        TestMesh mesh = mesh(chat.port(), options.after(custom()));
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(WEB_SOCKET).head()).startsWith("HTTP/1.1 101");
      mesh.apply(options.after(custom()).with(DENY_ALL));
      assertThat(client.rest()).isEmpty();
      isDeniedOnce(mesh);
    }
  }

  @Test
  void aRequestThatAnAuthorizerAgreesToTooLateIsDecidedByWhatHoldsThen() throws Exception {
    mayAnswer = new CountDownLatch(1);
    TestMesh.Options options = draining(Duration.ofHours(1));
    try (RawBackend backend = RawBackend.answering(OK);
        TestMesh mesh = mesh(backend.port(), options.after(custom()));
        RawClient denied = RawClient.connect(mesh.inboundAddress())) {
      denied.send(GET);
      asked.take();
      mesh.apply(options.after(custom()).with(DENY_ALL));
      mayAnswer.countDown();
      assertThat(denied.answer()).startsWith("HTTP/1.1 403");
      assertThat(backend.seen()).isEmpty();
    }
  }
}
