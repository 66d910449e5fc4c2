package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CUSTOM policies through the whole proxy: what is asked when, and what becomes of who waits. */
class ExternalAuthorizerPathTest {
  private static final String CLUSTER = "inbound|8000||"; // the backend is the authorizer too
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  private static final Matcher ALWAYS = new Matcher.Always();

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
  private volatile String verdict = OK;
  private RawBackend backend;
  private ECKey key;

  @BeforeEach
  void startBackend() throws Exception {
    key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    backend =
        new RawBackend(
            (in, out) -> {
              for (String head = RawBackend.head(in); !head.isEmpty(); head = RawBackend.head(in)) {
                boolean question = head.contains(" /authz/");
                (question ? asked : served).add(head);
                String answer = question ? verdict : OK;
                if (answer.isEmpty()) {
                  ended.add("after " + in.readAllBytes().length); // until the proxy lets go
                  return;
                }
                out.write(answer.getBytes(StandardCharsets.US_ASCII));
                out.flush();
              }
            });
  }

  @AfterEach
  void stopBackend() throws Exception {
    backend.close();
  }

  private static ExternalAuthorizer authorizer(Optional<ExternalAuthorizer.RequestBody> body) {
    return new ExternalAuthorizer(
        "provider",
        CLUSTER,
        Duration.ofSeconds(20),
        false,
        403,
        body,
        new ExternalAuthorizer.Protocol.Http(
            "/authz", List.of(), List.of(), List.of(), List.of(), List.of()));
  }

  private static HttpFilter custom(Optional<ExternalAuthorizer.RequestBody> body) {
    RbacPolicy all = new RbacPolicy("ask", List.of(ALWAYS), List.of(ALWAYS));
    return new HttpFilter.Authorize(
        new Authorization(
            List.of(
                new Authorization.Stage.Custom(
                    "provider",
                    new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(all)),
                    false))),
        List.of(authorizer(body)));
  }

  private HttpFilter tokens() {
    return new HttpFilter.JwtAuthentication(
        List.of(
            new HttpFilter.Provider(
                "p",
                "issuer",
                List.of(),
                new JWKSet(key.toPublicJWK()).toString(),
                List.of(),
                List.of(),
                List.of(),
                false,
                Optional.empty(),
                Map.of("x-sub", "sub"),
                List.of(),
                Duration.ZERO)),
        false);
  }

  private String token() throws JOSEException {
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(),
            new Payload(Map.of("iss", "issuer", "sub", "me")));
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private static Authorization whoeverHasAToken() {
    Matcher subject = new Matcher.Claim(List.of("sub"), new StringMatch.Exact("me", false));
    RbacPolicy policy = new RbacPolicy("allow", List.of(ALWAYS), List.of(subject));
    return new Authorization(
        List.of(
            new Authorization.Stage.Rbac(
                Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(policy))),
                Optional.empty())));
  }

  private TestMesh mesh(TestMesh.Options options) throws Exception {
    return TestMesh.start(backend.port(), options.permissive());
  }

  private static RawClient connect(TestMesh mesh) throws Exception {
    return RawClient.connect(mesh.inboundAddress());
  }

  private static String get(String path, String... fields) {
    return "GET " + path + " HTTP/1.1\r\nhost: a\r\n" + String.join("", fields) + "\r\n";
  }

  /** In istiod's order: the authorizer sees the token that the application no longer gets. */
  @Test
  void whoStandsBeforeTheTokensIsAskedBeforeThem() throws Exception {
    TestMesh.Options options =
        TestMesh.Options.PLAIN.after(custom(Optional.empty()), tokens()).with(whoeverHasAToken());
    try (TestMesh mesh = mesh(options);
        RawClient client = connect(mesh)) {
      String bearer = "authorization: Bearer " + token() + "\r\n";
      assertThat(client.send(get("/a", bearer, "x-sub: forged\r\n")).answer())
          .startsWith("HTTP/1.1 200");
      assertThat(asked.take()).contains("GET /authz/a ").contains("authorization: Bearer ");
      assertThat(served.take()).doesNotContain("authorization").contains("x-sub: me\r\n");

      // agreed, but without a token: the policies behind it deny
      assertThat(client.send(get("/b")).answer()).startsWith("HTTP/1.1 403");
      assertThat(asked.take()).contains("GET /authz/b ");

      // a bad token is refused only where the authorizer did not object
      assertThat(client.send(get("/c", "authorization: Bearer a.b.c\r\n")).answer())
          .startsWith("HTTP/1.1 401");
      verdict = "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
      assertThat(client.send(get("/d", "authorization: Bearer a.b.c\r\n")).answer())
          .startsWith("HTTP/1.1 302")
          .contains("location: /login");
      assertThat(served).isEmpty();
    }
  }

  /** The other order, where tokens come first: a bad one is never asked about. */
  @Test
  void whoStandsBehindTheTokensIsAskedAfterThem() throws Exception {
    TestMesh.Options options = TestMesh.Options.PLAIN.after(tokens(), custom(Optional.empty()));
    try (TestMesh mesh = mesh(options);
        RawClient client = connect(mesh)) {
      assertThat(client.send(get("/c", "authorization: Bearer a.b.c\r\n")).answer())
          .startsWith("HTTP/1.1 401");
      assertThat(asked).isEmpty();
      assertThat(client.send(get("/a")).answer()).startsWith("HTTP/1.1 200");
      assertThat(asked).hasSize(1);
    }
  }

  @Test
  void aQuestionEndsWithTheClientThatWaits() throws Exception {
    verdict = "";
    Optional<ExternalAuthorizer.RequestBody> body =
        Optional.of(new ExternalAuthorizer.RequestBody(1_000, true, false));
    for (HttpFilter filter : List.of(custom(Optional.empty()), custom(body))) {
      try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.after(filter))) {
        try (RawClient client = connect(mesh)) {
          client.send("POST /wait HTTP/1.1\r\nhost: a\r\ncontent-length: 5000\r\n\r\n");
          client.send("x".repeat(2_000));
          assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(ended.poll(10, TimeUnit.SECONDS)).startsWith("after ");
        assertThat(served).isEmpty();
      }
    }
  }

  @Test
  void aBodyThatIsMoreThanTheAuthorizerTakesIsAnswered413() throws Exception {
    Optional<ExternalAuthorizer.RequestBody> body =
        Optional.of(new ExternalAuthorizer.RequestBody(100, false, false));
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.after(custom(body)));
        RawClient client = connect(mesh)) {
      client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200\r\n\r\n" + "x".repeat(200));
      assertThat(client.rest()).startsWith("HTTP/1.1 413");
      assertThat(asked).isEmpty();
      assertThat(served).isEmpty();
    }
  }

  @Test
  void anAuthorizerThatBreaksOffAgreesToNothing() throws Exception {
    for (String broken :
        List.of(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n",
            "HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n",
            "nonsense\r\n\r\n")) {
      verdict = broken;
      try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.after(custom(Optional.empty())));
          RawClient client = connect(mesh)) {
        assertThat(client.send(get("/")).answer()).as(broken).startsWith("HTTP/1.1 403");
      }
    }
    assertThat(served).isEmpty();
  }
}
