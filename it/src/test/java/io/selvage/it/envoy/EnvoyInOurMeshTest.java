package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Tokens;
import io.selvage.it.stage.Tool.Ran;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An Envoy that our control plane configures, by incremental xDS and by state of the world, takes
 * everything as it is, and is to our proxy what another of ours would be.
 */
@Tag("real")
class EnvoyInOurMeshTest {
  private static final String OURS = "ours";
  private static final String DELTA = "delta";
  private static final String WORLD = "world";
  private static final List<String> ALL = List.of(OURS, DELTA, WORLD);
  private static final Pattern XFCC =
      Pattern.compile("By=([^;,\"]*);Hash=([0-9a-f]{64});Subject=\\\\\"\\\\\";URI=([^;,\"]*)");
  private static final String MESH =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: "trustDomain: it.mesh"
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String POLICIES =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: denied, namespace: sample}
      spec:
        action: DENY
        rules:
        - to: [{operation: {paths: [/denied, /anything/denied/*, '*/backup', '/anything/a/{*}/z']}}]
        - to: [{operation: {methods: [DELETE]}}]
        - to: [{operation: {hosts: [forbidden.example.com]}}]
        - when: [{key: 'request.headers[x-role]', values: [evil, 'bad-*']}]
        - from: [{source: {notPrincipals: ['it.mesh/ns/sample/sa/*']}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: allowed, namespace: sample}
      spec:
        rules:
        - from: [{source: {principals: [it.mesh/ns/sample/sa/ours, it.mesh/ns/sample/sa/delta]}}]
          to: [{operation: {notPaths: [/status/418]}}]
        - from: [{source: {namespaces: [sample]}}]
          to: [{operation: {paths: [/headers, /ip, /status/*]}}]
          when: [{key: 'request.headers[x-team]', notValues: [red]}]
      """;

  @TempDir private static Path home;
  private static MixedMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    mesh = new MixedMesh(home);
    try {
      Files.writeString(mesh.folder().resolve("mesh.yaml"), MESH);
      mesh.addOurs(OURS);
      mesh.addEnvoy(DELTA, true);
      mesh.addEnvoy(WORLD, false);
      for (String from : ALL) {
        for (String to : ALL) {
          if (!from.equals(to)) {
            Until.seen(from + " reaches " + to, () -> status(from, to, "/ip"), "200"::equals);
          }
        }
      }
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      mesh.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static Ran curl(String from, String to, List<String> more, String path) {
    return mesh.curl(from, Container.APPLICATION, to, more, path);
  }

  private static String status(String from, String to, String path) {
    return curl(from, to, List.of("-s", "-o", "/dev/null", "-w", "%{http_code}"), path).out();
  }

  static Stream<Arguments> pairs() {
    return ALL.stream()
        .flatMap(
            from -> ALL.stream().filter(to -> !to.equals(from)).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aRequestArrivesWithTheIdentityOfItsSender(String from, String to) {
    String answer = curl(from, to, List.of(), "/headers").well().out();

    var xfcc = XFCC.matcher(answer);
    assertThat(xfcc.find()).as(answer).isTrue();
    assertThat(xfcc.group(1)).isEqualTo("spiffe://it.mesh/ns/sample/sa/" + to);
    assertThat(xfcc.group(2)).isEqualTo(mesh.fingerprint(from));
    assertThat(xfcc.group(3)).isEqualTo("spiffe://it.mesh/ns/sample/sa/" + from);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void plaintextIsReset(String from, String to) {
    Ran ran = mesh.curl(from, Container.PROXY, to, List.of(), "/ip");

    assertThat(ran.exit()).as("%s", ran).isEqualTo(56);
    assertThat(ran.err()).contains("Recv failure: Connection reset by peer");
  }

  @Test
  void envoyRefusesNothing() {
    for (String envoy : List.of(DELTA, WORLD)) {
      Taken.isAll(mesh.client(envoy));
      assertThat(mesh.admin(envoy, "/listeners"))
          .contains("virtualInbound::0.0.0.0:15006", "virtualOutbound::0.0.0.0:15001");
      assertThat(mesh.admin(envoy, "/certs")).contains("spiffe://it.mesh/ns/sample/sa/" + envoy);
    }
  }

  /** One request of the table. */
  private record Request(String from, List<String> more, String path) {
    static Request get(String from, String path) {
      return new Request(from, List.of(), path);
    }

    static Request with(String from, String path, String... more) {
      return new Request(from, List.of(more), path);
    }

    /** Status, and the body where it is the proxy's own. */
    String verdict(String to) {
      var all = new java.util.ArrayList<>(List.of("-w", "\n%{http_code}"));
      all.addAll(more);
      String out = curl(from, to, all, path).out();
      String status = out.substring(out.lastIndexOf('\n') + 1);
      return status.equals("403") ? out.replace("\n", " ") : status;
    }
  }

  private static List<Request> table() {
    String from = OURS;
    return List.of(
        Request.get(from, "/ip"),
        Request.get(from, "/status/418"),
        Request.get(from, "/denied"),
        Request.get(from, "/denied?x=/ip"),
        Request.get(from, "/denied#x"),
        Request.get(from, "/denied/"),
        Request.get(from, "/Denied"),
        Request.get(from, "/./denied"),
        Request.get(from, "/ip/../denied"),
        Request.get(from, "/%64enied"),
        Request.get(from, "/%2e/denied"),
        Request.get(from, "//denied"),
        Request.get(from, "/denied%2f"),
        Request.get(from, "/anything/denied/x"),
        Request.get(from, "/anything/denied"),
        Request.get(from, "/anything\\denied\\x"),
        Request.get(from, "/anything/x/backup"),
        Request.get(from, "/anything/x/backup;v=1"),
        Request.get(from, "/anything/a/b/z"),
        Request.get(from, "/anything/a/b/c/z"),
        Request.get(from, "/anything/a//z"),
        Request.with(from, "/anything/x", "-X", "DELETE"),
        Request.with(from, "/anything/x", "-X", "delete"),
        Request.with(from, "/anything/x", "-X", "POST", "-d", "a"),
        Request.with(from, "/ip", "-H", "x-role: evil"),
        Request.with(from, "/ip", "-H", "X-Role: evil"),
        Request.with(from, "/ip", "-H", "x-role: EVIL"),
        Request.with(from, "/ip", "-H", "x-role: bad-one"),
        Request.with(from, "/ip", "-H", "x-role: good", "-H", "x-team: red"),
        Request.with(from, "/ip", "-H", "x-forwarded-client-cert: URI=spiffe://evil"));
  }

  @Test
  void bothJudgeATableOfRequestsAlike() throws Exception {
    Files.writeString(mesh.folder().resolve("policies.yaml"), POLICIES);
    try {
      Until.seen("delta denies", () -> status(OURS, DELTA, "/denied"), "403"::equals);
      Until.seen("ours denies", () -> status(DELTA, OURS, "/denied"), "403"::equals);
      Until.seen("world denies", () -> status(OURS, WORLD, "/denied"), "403"::equals);

      // the client's proxy is ours for one and an Envoy for the other: both sides are compared
      for (Request request : table()) {
        String fromOurs = request.verdict(DELTA);
        assertThat(new Request(DELTA, request.more(), request.path()).verdict(OURS))
            .as("%s: our proxy, against Envoy's verdict", request)
            .isEqualTo(fromOurs);
        assertThat(request.verdict(WORLD)).as("%s: the other Envoy", request).isEqualTo(fromOurs);
      }
      assertThat(Request.get(OURS, "/denied").verdict(DELTA)).isEqualTo("RBAC: access denied 403");
    } finally {
      Files.delete(mesh.folder().resolve("policies.yaml"));
    }
  }

  @Test
  void bothAnswerTokensAlike() throws Exception {
    var tokens = new Tokens();
    Files.writeString(
        mesh.folder().resolve("tokens.yaml"),
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: sample}
        spec:
          jwtRules:
          - issuer: '%s'
            audiences: [here]
            jwks: '%s'
            fromHeaders: [{name: x-token, prefix: 'Token '}]
            outputClaimToHeaders: [{header: x-sub, claim: sub}]
        """
            .formatted(Tokens.ISSUER, tokens.jwks()));
    Duration hour = Duration.ofHours(1);
    var headers =
        List.of(
            "x-token: Token " + tokens.token(Tokens.ISSUER, "ann", "here", hour),
            "x-token: Token " + tokens.token(Tokens.ISSUER, "ann", "there", hour),
            "x-token: Token " + tokens.token(Tokens.ISSUER, "ann", "here", hour.negated()),
            "x-token: Token " + tokens.token("https://other", "ann", "here", hour),
            "x-token: Token " + new Tokens().token(Tokens.ISSUER, "ann", "here", hour),
            "x-token: Token a.b.c",
            "x-token: Token abc",
            "x-token: Other abc",
            "Authorization: Bearer abc",
            "x-sub: forged");
    try {
      for (String to : ALL) {
        String from = to.equals(OURS) ? DELTA : OURS;
        Until.seen(
            to + " checks tokens",
            () -> token(from, to, "x-token: Token abc"),
            answer -> !answer.startsWith("200"));
      }
      for (String header : headers) {
        String ours = token(DELTA, OURS, header);
        assertThat(ours).as(header).isEqualTo(token(OURS, DELTA, header));
        assertThat(ours).as(header).isEqualTo(token(OURS, WORLD, header));
      }
      assertThat(token(DELTA, OURS, headers.getFirst())).isEqualTo("200 ann");
      assertThat(token(DELTA, OURS, "x-sub: forged")).as("a claim's header").isEqualTo("200 none");
    } finally {
      Files.delete(mesh.folder().resolve("tokens.yaml"));
    }
  }

  /** The status, with the proxy's words or with what the program saw of the claim. */
  private static String token(String from, String to, String header) {
    String out = curl(from, to, List.of("-H", header, "-w", "\n%{http_code}"), "/headers").out();
    int end = out.lastIndexOf('\n');
    String status = out.substring(end + 1);
    if (!status.equals("200")) {
      return status + " " + out.substring(0, end);
    }
    var sub = Pattern.compile("\"x-sub\" : \"([^\"]*)\"", Pattern.CASE_INSENSITIVE).matcher(out);
    return sub.find() ? "200 " + sub.group(1) : "200 none";
  }
}
