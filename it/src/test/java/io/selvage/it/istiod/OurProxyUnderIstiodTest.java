package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tokens;
import io.selvage.it.stage.Until;
import io.selvage.proxy.join.JoinedProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our proxy under a real istiod, beside Istio's own sidecar under the same: whatever is asked of
 * one is asked of the other.
 */
@Tag("real")
final class OurProxyUnderIstiodTest {
  private static final String OURS = "ours";
  private static final String WORLD = "world";
  private static final String AGENT = "agent";
  private static final String CLIENT = "client";
  private static final String AUTHORIZER = "authorizer";

  @TempDir static Path home;

  private static IstiodMesh mesh;
  private static JoinedProxy ours;
  private static ExternalAuthorizer authorizer;
  private static Tokens tokens;

  @BeforeAll
  static void start() throws Exception {
    mesh = new IstiodMesh(home, Istiod.Settings.FOR_ANY_ENVOY);
    try {
      tokens = new Tokens();
      mesh.addBare(CLIENT);
      authorizer = mesh.addAuthorizer(AUTHORIZER);
      ours = mesh.addOurs(OURS, true, Duration.ZERO);
      mesh.addOurs(WORLD, false, Duration.ZERO);
      mesh.addAgent(AGENT);
      mesh.istiod()
          .mesh(
              Map.of(
                  "extensionProviders",
                  List.of(
                      Map.of(
                          "name",
                          AUTHORIZER,
                          "envoyExtAuthzHttp",
                          Map.of(
                              "service",
                              AUTHORIZER + ".foo.svc.cluster.local",
                              "port",
                              8000,
                              "includeRequestHeadersInCheck",
                              List.of("x-ext"))))));
      mesh.settle();
    } catch (Throwable e) {
      mesh.close();
      throw e;
    }
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @BeforeEach
  void nothingOfTheTestBefore() throws Exception {
    mesh.replace("");
  }

  private static String policy(String name, String spec) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: foo}
    spec: %s
    """
        .formatted(name, spec);
  }

  private static String mtls(String mode) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default, namespace: foo}
    spec: {mtls: {mode: %s}}
    """
        .formatted(mode);
  }

  /** What the workload {@code from} gets of a service. */
  private static IstiodMesh.Answer ask(String from, String to, String path, String... more)
      throws Exception {
    return mesh.curl(from, "http://%s:8000%s".formatted(mesh.serviceAddress(to), path), more);
  }

  /** What the client, who has no sidecar, gets of a workload. */
  private static IstiodMesh.Answer plain(String to, String path, String... more) {
    return mesh.curl(CLIENT, "http://%s:8080%s".formatted(mesh.address(to), path), more);
  }

  /** What comes back of bytes that the client, who has no sidecar, sends past HTTP. */
  private static byte[] echoed(String to, byte... sent) throws Exception {
    try (SocketChannel connection = mesh.socket(CLIENT)) {
      connection.connect(new InetSocketAddress(mesh.address(to), 9090));
      var seen = ByteBuffer.allocate(sent.length);
      try {
        connection.write(ByteBuffer.wrap(sent));
        while (seen.hasRemaining() && connection.read(seen) >= 0) {}
      } catch (IOException e) {
        // reset: what came until then is the answer
      }
      return Arrays.copyOf(seen.array(), seen.position());
    }
  }

  private static String echoed(String to) throws Exception {
    return new String(
        echoed(to, "hello".getBytes(StandardCharsets.US_ASCII)), StandardCharsets.US_ASCII);
  }

  private static void theSame(String what, String expected, Answered asked) throws Exception {
    for (String server : List.of(AGENT, OURS, WORLD)) {
      assertThat(asked.of(server)).as("%s, of %s", what, server).isEqualTo(expected);
    }
  }

  private interface Answered {
    String of(String server) throws Exception;
  }

  @Test
  void theCertificateNamesTheTokensAccount() {
    var certificate = ours.identity().rotation().current().orElseThrow().certificate();
    assertThat(certificate.spiffeId()).hasToString("spiffe://cluster.local/ns/foo/sa/ours");
  }

  @Test
  void anotherTokenInTheFileIsGoodForTheNextCertificate() throws Exception {
    var rotation = ours.identity().rotation();
    String before = rotation.current().orElseThrow().certificate().sha256Hex();
    mesh.renewToken(OURS);
    rotation.renewNow();
    Until.holds(
        "another certificate",
        () -> !rotation.current().orElseThrow().certificate().sha256Hex().equals(before));
    assertThat(ask(AGENT, OURS, "/headers").status()).isEqualTo("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, WORLD})
  void istiodSeesThatItsListenersAreTaken(String name) throws Exception {
    Until.seen(
        "istiod's view of " + name,
        () -> mesh.listeners(name),
        seen ->
            !seen.path("acked").asString("").isEmpty()
                && seen.path("acked").equals(seen.path("sent")));
  }

  @Test
  void eachIsTheOthersClientAndServerByMutualTls() throws Exception {
    mesh.replace(mtls("STRICT"));
    for (String from : List.of(OURS, WORLD, AGENT)) {
      for (String to : List.of(OURS, WORLD, AGENT)) {
        if (!from.equals(to)) {
          var answer = ask(from, to, "/headers");
          assertThat(answer.status()).as("%s asks %s", from, to).isEqualTo("200");
          assertThat(answer.body())
              .contains("By=spiffe://cluster.local/ns/foo/sa/" + to)
              .contains("URI=spiffe://cluster.local/ns/foo/sa/" + from);
        }
      }
    }
  }

  @Test
  void aForgedClientCertificateHeaderGoesNoFurther() throws Exception {
    var answer = plain(OURS, "/headers", "-H", "x-forwarded-client-cert: URI=spiffe://forged");
    assertThat(answer.status()).isEqualTo("200");
    assertThat(answer.body()).doesNotContain("forged");
  }

  @Test
  void strictRefusesPlaintextAndPermissiveAndDisableTakeIt() throws Exception {
    mesh.replace(mtls("STRICT"));
    theSame("plaintext, STRICT", "000", server -> plain(server, "/headers").status());
    mesh.replace(mtls("PERMISSIVE"));
    theSame("plaintext, PERMISSIVE", "200", server -> plain(server, "/headers").status());
    mesh.replace(mtls("DISABLE"));
    theSame("plaintext, DISABLE", "200", server -> plain(server, "/headers").status());
    for (String from : List.of(OURS, AGENT)) {
      var answer = ask(from, from.equals(OURS) ? AGENT : OURS, "/headers");
      assertThat(answer.status()).isEqualTo("200");
      assertThat(answer.body()).doesNotContain("spiffe://");
    }
  }

  @Test
  void whatLooksLikeTlsGoesThroughWhereMutualTlsIsDisabled() throws Exception {
    mesh.replace(mtls("DISABLE"));
    byte[] hello = {22, 3, 1, 0, 2, 1, 0};
    for (String server : List.of(AGENT, OURS, WORLD)) {
      assertThat(echoed(server, hello)).as("%s sends back", server).isEqualTo(hello);
    }
  }

  @Test
  void denyAndAllowAndAuditHold() throws Exception {
    mesh.replace(
        policy("deny", "{action: DENY, rules: [{to: [{operation: {paths: [/status/204]}}]}]}")
            + policy("audit", "{action: AUDIT, rules: [{to: [{operation: {paths: [/headers]}}]}]}")
            + policy(
                "allow",
                "{rules: [{to: [{operation: {methods: [GET]}}]},"
                    + " {from: [{source: {principals: ['cluster.local/ns/foo/sa/*']}}]}]}"));
    theSame("denied", "403", server -> plain(server, "/status/204").status());
    theSame("audited", "200", server -> plain(server, "/headers").status());
    theSame("no rule allows", "403", server -> plain(server, "/headers", "-X", "DELETE").status());
    assertThat(plain(OURS, "/status/204").body()).isEqualTo("RBAC: access denied");
    assertThat(ask(AGENT, OURS, "/anything", "-X", "DELETE").status()).isEqualTo("200");
    assertThat(ask(OURS, AGENT, "/anything", "-X", "DELETE").status()).isEqualTo("200");
    assertThat(ask(AGENT, OURS, "/status/204").status()).isEqualTo("403");
  }

  @Test
  void customAsksTheAuthorizer() throws Exception {
    mesh.replace(
        policy(
            "custom",
            "{action: CUSTOM, provider: {name: %s}, rules: [{to: [{operation: {paths: [/headers]}}]}]}"
                .formatted(AUTHORIZER)));
    theSame("not allowed", "403", server -> plain(server, "/headers").status());
    theSame("allowed", "200", server -> plain(server, "/headers", "-H", "x-ext: allow").status());
    authorizer.asked.clear();
    theSame("not asked", "204", server -> plain(server, "/status/204").status());
    assertThat(authorizer.asked).isEmpty();
  }

  @Test
  void policiesHoldForTcp() throws Exception {
    mesh.replace(
        policy(
            "tcp",
            "{action: DENY, rules: [{to: [{operation: {ports: ['9090']}}],"
                + " from: [{source: {notPrincipals: ['cluster.local/ns/foo/sa/*']}}]}]}"));
    theSame("the client's bytes", "", server -> echoed(server));
    mesh.replace(policy("tcp", "{action: DENY, rules: [{to: [{operation: {ports: ['9999']}}]}]}"));
    theSame("the client's bytes", "hello", server -> echoed(server));
  }

  @Test
  void tokensAreChecked() throws Exception {
    mesh.replace(
        """
        ---
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: jwt, namespace: foo}
        spec: {jwtRules: [{issuer: "%s", jwks: '%s'}]}
        """
                .formatted(Tokens.ISSUER, tokens.jwks())
            + policy(
                "jwt",
                "{rules: [{when: [{key: 'request.auth.claims[group]', values: [admins]}]}]}"));
    String admin = "Authorization: Bearer " + tokens.token("a", "admins", Duration.ofHours(1));
    String other = "Authorization: Bearer " + tokens.token("b", "others", Duration.ofHours(1));
    theSame("no token", "403", server -> plain(server, "/headers").status());
    theSame("a good one", "200", server -> plain(server, "/headers", "-H", admin).status());
    theSame("another group", "403", server -> plain(server, "/headers", "-H", other).status());
    String broken = admin.replaceFirst("\\.", ".A");
    theSame("a broken one", "401", server -> plain(server, "/headers", "-H", broken).status());
  }

  @Test
  void aConnectionThatIsOpenIsDecidedByTheNewPolicy() throws Exception {
    try (SocketChannel connection = mesh.socket(CLIENT)) {
      connection.connect(new InetSocketAddress(mesh.address(OURS), 8080));
      assertThat(exchange(connection)).startsWith("HTTP/1.1 204");
      mesh.replace(
          policy("late", "{action: DENY, rules: [{to: [{operation: {paths: [/status/204]}}]}]}"));
      assertThat(exchange(connection)).startsWith("HTTP/1.1 403");
    }
  }

  private static String exchange(SocketChannel connection) throws Exception {
    connection.write(
        StandardCharsets.US_ASCII.encode("GET /status/204 HTTP/1.1\r\nHost: ours\r\n\r\n"));
    var seen = ByteBuffer.allocate(4096);
    while (!text(seen).contains("\r\n\r\n") && connection.read(seen) >= 0) {
      assertThat(seen.hasRemaining()).isTrue();
    }
    return text(seen);
  }

  private static String text(ByteBuffer seen) {
    return StandardCharsets.US_ASCII.decode(seen.duplicate().flip()).toString();
  }

  private static String lua(String before) {
    return """
    ---
    apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: {name: lua, namespace: foo}
    spec:
      configPatches:
      - applyTo: HTTP_FILTER
        match:
          context: SIDECAR_INBOUND
          listener:
            filterChain:
              filter:
                name: envoy.filters.network.http_connection_manager
                subFilter: {name: %s}
        patch:
          operation: INSERT_BEFORE
          value:
            name: envoy.filters.http.lua
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
              default_source_code: {inline_string: "function envoy_on_request(handle) end"}
    """
        .formatted(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"envoy.filters.http.rbac", "envoy.filters.http.router"})
  void aFilterThatIsNotUnderstoodIsRefusedAndTheLastGoodStays(String before) throws Exception {
    String denied =
        policy("deny", "{action: DENY, rules: [{to: [{operation: {paths: [/status/204]}}]}]}");
    mesh.replace(denied);
    mesh.istiod().replace(Manifest.read(denied + lua(before)));
    mesh.settleAgents();
    var refused =
        Until.seen(
            "istiod knows the refusal",
            () -> mesh.listeners(OURS),
            seen -> !seen.path("lastError").asString("").isEmpty());
    assertThat(refused.path("lastError").asString())
        .contains("virtualInbound")
        .contains("envoy.extensions.filters.http.lua.v3.Lua");
    theSame("what was denied", "403", server -> plain(server, "/status/204").status());
    theSame("what was not", "200", server -> plain(server, "/headers").status());
    mesh.replace(denied);
    Until.seen(
        "istiod knows that it is well again",
        () -> mesh.listeners(OURS),
        seen -> seen.path("acked").equals(seen.path("sent")));
  }

  @Test
  void aProxyThatNeverUnderstoodItsListenersLetsNothingThrough() throws Exception {
    mesh.istiod().replace(Manifest.read(lua("envoy.filters.http.router")));
    mesh.settleAgents();
    try (JoinedProxy late = mesh.addOurs("late", true, Duration.ZERO)) {
      Until.seen(
          "istiod knows the refusal",
          () -> mesh.listeners("late"),
          seen -> !seen.path("lastError").asString("").isEmpty());
      assertThat(late.proxy().resources().listeners()).isEmpty();
      assertThat(plain("late", "/headers").status()).isEqualTo("000");
      assertThat(mesh.curl("late", "http://" + mesh.address(AGENT) + ":8080/headers").status())
          .isEqualTo("000");
    } finally {
      mesh.forget("late");
    }
  }
}
