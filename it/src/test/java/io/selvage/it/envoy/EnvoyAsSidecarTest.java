package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.FileCaStore;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Authorizers;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An Envoy with {@code selvage envoy-bootstrap}'s bootstrap beside our agent does what a sidecar
 * has to: it asks external authorizers, tries again elsewhere, logs as Istio does, and outlives new
 * certificates, new roots and the control plane's restart.
 */
@Tag("real")
class EnvoyAsSidecarTest {
  private static final String OURS = "ours";
  private static final String DELTA = "delta";
  private static final String WORLD = "world";
  private static final String MESH =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          trustDomain: it.mesh
          accessLogFile: /dev/stdout
          extensionProviders:
          - name: by-http
            envoyExtAuthzHttp:
              service: authz.sample.svc.cluster.local
              port: 9001
              includeRequestHeadersInCheck: [x-ext]
              headersToUpstreamOnAllow: [x-decided]
          - name: by-grpc
            envoyExtAuthzGrpc: {service: authz.sample.svc.cluster.local, port: 9002}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: authz, namespace: sample}
      spec:
        selector: {app: authz}
        ports: [{name: http, port: 9001}, {name: grpc, port: 9002}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: half, namespace: sample}
      spec:
        selector: {half: 'yes'}
        ports: [{name: http, port: 8000}]
      """;

  @TempDir private static Path home;
  private static final Opened OPENED = new Opened();
  private static Authorizers authorizers;
  private static MixedMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    authorizers = OPENED.add(new Authorizers());
    mesh = OPENED.add(new MixedMesh(home));
    try {
      Files.writeString(mesh.folder().resolve("mesh.yaml"), MESH);
      mesh.addWithoutProxy(
          "authz", Map.of(9001, authorizers.httpPort(), 9002, authorizers.grpcPort()));
      mesh.addWithoutProxy("nobody", Map.of());
      mesh.addOurs(OURS);
      mesh.addEnvoy(DELTA, true);
      mesh.addEnvoy(WORLD, false);
      mesh.label("nobody", Map.of("half", "yes"));
      mesh.label(OURS, Map.of("half", "yes"));
      for (String from : List.of(OURS, DELTA, WORLD)) {
        for (String to : List.of(OURS, DELTA, WORLD)) {
          if (!from.equals(to)) {
            Until.seen(from + " reaches " + to, () -> status(from, to, "/ip"), "200"::equals);
          }
        }
      }
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      OPENED.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() {
    OPENED.close();
  }

  private static String status(String from, String to, String path) {
    return mesh.curl(
            from,
            Container.APPLICATION,
            to,
            List.of("-s", "-o", "/dev/null", "-w", "%{http_code}"),
            path)
        .out();
  }

  private static String body(String from, String to, List<String> more, String path) {
    return mesh.curl(from, Container.APPLICATION, to, more, path).out();
  }

  private static String custom(String to, String provider) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: ask, namespace: sample}
    spec:
      selector: {matchLabels: {app: %s}}
      action: CUSTOM
      provider: {name: %s}
      rules: [{to: [{operation: {paths: [/anything/*]}}]}]
    """
        .formatted(to, provider);
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, WORLD})
  void anHttpAuthorizerDecides(String to) throws Exception {
    Path policy = mesh.folder().resolve("ask.yaml");
    Files.writeString(policy, custom(to, "by-http"));
    try {
      Until.seen(to + " asks", () -> status(OURS, to, "/anything/asked"), "403"::equals);
      assertThat(body(OURS, to, List.of(), "/anything/asked")).isEqualTo("not by http");
      assertThat(body(OURS, to, List.of("-H", "x-ext: allow"), "/anything/asked"))
          .containsIgnoringCase("\"x-decided\" : \"http\"");
      assertThat(status(OURS, to, "/ip")).as("not asked").isEqualTo("200");
    } finally {
      Files.delete(policy);
    }
    Until.seen(to + " asks no more", () -> status(OURS, to, "/anything/asked"), "200"::equals);
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, WORLD})
  void aGrpcAuthorizerDecidesAndIsToldWhoAsks(String to) throws Exception {
    Path policy = mesh.folder().resolve("ask.yaml");
    Files.writeString(policy, custom(to, "by-grpc"));
    try {
      Until.seen(to + " asks", () -> status(OURS, to, "/anything/asked"), "423"::equals);
      assertThat(body(OURS, to, List.of(), "/anything/asked")).isEqualTo("not by grpc");
      assertThat(body(OURS, to, List.of("-H", "x-ext: allow"), "/anything/asked"))
          .containsIgnoringCase("\"x-decided\" : \"grpc\"");
      assertThat(authorizers.asked)
          .last()
          .satisfies(
              asked -> {
                var attributes = asked.getAttributes();
                assertThat(attributes.getSource().getPrincipal())
                    .isEqualTo("spiffe://it.mesh/ns/sample/sa/ours");
                assertThat(attributes.getDestination().getPrincipal())
                    .isEqualTo("spiffe://it.mesh/ns/sample/sa/" + to);
                assertThat(attributes.getRequest().getHttp().getPath())
                    .isEqualTo("/anything/asked");
              });
    } finally {
      Files.delete(policy);
    }
    Until.seen(to + " asks no more", () -> status(OURS, to, "/anything/asked"), "200"::equals);
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, WORLD})
  void aRequestThatCannotConnectIsTriedAtAnotherEndpoint(String from) throws Exception {
    String failures = "::" + mesh.address("nobody") + ":8000::cx_connect_fail::";
    Until.seen(
        "an endpoint that refuses has been tried",
        () -> {
          assertThat(status(from, "half", "/ip")).isEqualTo("200");
          return mesh.admin(from, "/clusters");
        },
        clusters ->
            clusters
                .lines()
                .filter(line -> line.startsWith("outbound|8000||half.") && line.contains(failures))
                .anyMatch(line -> !line.endsWith("::0")));
  }

  @Test
  void bothLogARequestInTheSameFormAtTheServer() throws Exception {
    for (String server : List.of(OURS, DELTA)) {
      assertThat(
              mesh.curl(
                      server.equals(OURS) ? DELTA : OURS,
                      Container.APPLICATION,
                      server,
                      List.of(
                          "-d", "12345", "-A", "agent of a test", "-H", "x-forwarded-for: 9.9.9.9"),
                      "/status/202?at=server")
                  .exit())
          .isZero();
    }
    assertThat(line(OURS, "inbound|8000||", "at=server"))
        .isEqualTo(line(DELTA, "inbound|8000||", "at=server"));
  }

  @Test
  void bothLogARequestInTheSameFormAtTheClient() throws Exception {
    for (String client : List.of(OURS, DELTA)) {
      assertThat(
              mesh.curl(
                      client,
                      Container.APPLICATION,
                      WORLD,
                      List.of("-A", "agent of a test"),
                      "/bytes/77?at=client")
                  .exit())
          .isZero();
    }
    assertThat(line(OURS, "outbound|8000||", "at=client"))
        .isEqualTo(line(DELTA, "outbound|8000||", "at=client"));
  }

  @Test
  void bothLogADenialInTheSameForm() throws Exception {
    Path policy = mesh.folder().resolve("no.yaml");
    Files.writeString(
        policy,
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no, namespace: sample}
        spec:
          action: DENY
          rules: [{to: [{operation: {paths: [/status/299]}}]}]
        """);
    try {
      for (String server : List.of(OURS, DELTA)) {
        Until.seen(server + " denies", () -> status(WORLD, server, "/status/299"), "403"::equals);
        status(WORLD, server, "/status/299?refused=yes");
      }
      assertThat(line(OURS, " 403 ", "refused=yes"))
          .isEqualTo(line(DELTA, " 403 ", "refused=yes"))
          .containsEntry("sent", "19")
          .containsEntry(
              "details", "rbac_access_denied_matched_policy[ns[sample]-policy[no]-rule[0]]");
    } finally {
      Files.delete(policy);
    }
    for (String server : List.of(OURS, DELTA, WORLD)) {
      String client = server.equals(OURS) ? DELTA : OURS;
      Until.seen(
          server + " denies no more", () -> status(client, server, "/status/299"), "299"::equals);
    }
  }

  /** The form of the one line that has both texts. */
  private static Map<String, String> line(String workload, String one, String other)
      throws Exception {
    String found =
        Until.seen(
            workload + " logs " + other,
            () ->
                mesh.log(workload)
                    .lines()
                    .filter(line -> line.contains(one) && line.contains(other))
                    .findFirst()
                    .orElse(""),
            line -> !line.isEmpty());
    return IstioLogLine.form(found, workload);
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, WORLD})
  void aNewCertificateDropsNoConnection(String client) throws Exception {
    String server = client.equals(DELTA) ? WORLD : DELTA;
    try (var network = mesh.network(client);
        var busy = new Opened();
        var kept =
            network.call(
                () ->
                    SocketChannel.open(new InetSocketAddress(mesh.serviceAddress(server), 8000)))) {
      hash(kept, server); // the last one of a connection that the server wants to be rid of
      String before = hash(kept, server);
      assertThat(before).isEqualTo(mesh.fingerprint(client));

      mesh.agent(client).rotation().renewNow();
      String after =
          Until.seen(
              "another certificate", () -> mesh.fingerprint(client), now -> !now.equals(before));
      Until.seen("Envoy has it", () -> serials(client).contains(serial(client)), has -> has);

      assertThat(hash(kept, server))
          .as("the connection is the one that was there")
          .isEqualTo(before);
      Until.seen(
          "new connections show the new certificate",
          () -> {
            // those that Envoy has are taken, one after the other
            var taken =
                network.call(
                    () ->
                        SocketChannel.open(new InetSocketAddress(mesh.serviceAddress(OURS), 8000)));
            busy.add(taken);
            send(taken, OURS, "/delay/5");
            return xfccHash(body(client, OURS, List.of(), "/headers"));
          },
          after::equals);
    }
  }

  private static String serials(String envoy) {
    return mesh.admin(envoy, "/certs").replace(":", "");
  }

  private static String serial(String workload) {
    return mesh.agent(workload)
        .rotation()
        .current()
        .orElseThrow()
        .certificate()
        .leaf()
        .getSerialNumber()
        .toString(16);
  }

  /** Asks over a connection that stays: whose certificate did the server see? */
  private static String hash(SocketChannel connection, String server) throws Exception {
    send(connection, server, "/headers");
    var read = new StringBuilder();
    var buffer = ByteBuffer.allocate(8192);
    while (!read.toString().contains("\n}")) {
      assertThat(connection.read(buffer.clear())).as("read so far: %s", read).isPositive();
      read.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
    }
    return xfccHash(read.toString());
  }

  private static void send(SocketChannel connection, String server, String path) throws Exception {
    connection.write(
        ByteBuffer.wrap(
            "GET %s HTTP/1.1\r\nHost: %s.sample:8000\r\n\r\n"
                .formatted(path, server)
                .getBytes(StandardCharsets.US_ASCII)));
  }

  private static String xfccHash(String headers) {
    var hash = Pattern.compile("Hash=([0-9a-f]{64})").matcher(headers);
    assertThat(hash.find()).as(headers).isTrue();
    return hash.group(1);
  }

  @Test
  void aServerOutsideOfTheMeshIsKnownByTheFileThatItsDestinationRuleNames() throws Exception {
    var ca = otherAuthority();
    WorkloadCertificate serving =
        ca.signing()
            .authority()
            .issueServing(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload(OnePlane.TRUST_DOMAIN, "outside", "server"),
                List.of("outside.example.com"),
                Duration.ofHours(1));
    Path chain = Files.writeString(home.resolve("outside.pem"), serving.chainPem());
    Path key = Files.writeString(home.resolve("outside.key"), serving.privateKeyPem());
    Path roots = Files.writeString(home.resolve("outside-root.pem"), ca.bundle().pem());
    Path wrong =
        Files.writeString(
            home.resolve("wrong-root.pem"), mesh.plane().control().trust().merged().pem());
    int port = FreePort.find();
    Process server =
        Tool.start(
            Map.of(),
            List.of(
                "openssl",
                "s_server",
                "-quiet",
                "-www",
                "-accept",
                "127.0.0.1:" + port,
                "-cert",
                chain.toString(),
                "-cert_chain",
                chain.toString(),
                "-key",
                key.toString()));
    try {
      mesh.addWithoutProxy("outside", Map.of(8000, port));
      mesh.service("outside", "outside", 8000);
      Path rule = mesh.folder().resolve("rule.yaml");
      Files.writeString(rule, originating(roots));
      for (String client : List.of(OURS, DELTA, WORLD)) {
        Until.seen(client + " reaches it", () -> status(client, "outside", "/"), "200"::equals);
      }
      Files.writeString(rule, originating(wrong));
      for (String client : List.of(OURS, DELTA, WORLD)) {
        Until.seen(
            client + " does not trust it", () -> status(client, "outside", "/"), "503"::equals);
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private static String originating(Path roots) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: outside, namespace: sample}
    spec:
      host: outside.sample.svc.cluster.local
      trafficPolicy:
        tls: {mode: SIMPLE, caCertificates: %s, sni: outside.example.com}
    """
        .formatted(roots);
  }

  private static CertificateAuthorityService otherAuthority() throws Exception {
    var clock = InstantSource.system();
    return CertificateAuthorityService.open(
        CertificateAuthorityService.Settings.of(
            new CaProfile.Istiod(OnePlane.TRUST_DOMAIN), OnePlane.TRUST_DOMAIN),
        FileCaStore.open(Files.createTempDirectory(home, "other-ca"), clock),
        clock,
        new SecureRandom());
  }

  @Test
  void envoyGoesOnWithoutTheControlPlaneAndFollowsItAgain() throws Exception {
    mesh.stopPlane();
    try {
      for (String envoy : List.of(DELTA, WORLD)) {
        assertThat(status(OURS, envoy, "/ip")).isEqualTo("200");
        assertThat(status(envoy, OURS, "/ip")).isEqualTo("200");
      }
    } finally {
      mesh.startPlane();
    }
    Path policy = mesh.folder().resolve("after.yaml");
    Files.writeString(
        policy,
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: after, namespace: sample}
        spec: {}
        """);
    try {
      for (String to : List.of(DELTA, WORLD, OURS)) {
        String from = to.equals(OURS) ? DELTA : OURS;
        Until.seen(to + " has the new policy", () -> status(from, to, "/ip"), "403"::equals);
      }
    } finally {
      Files.delete(policy);
    }
    for (String to : List.of(DELTA, WORLD, OURS)) {
      String from = to.equals(OURS) ? DELTA : OURS;
      Until.seen(to + " allows again", () -> status(from, to, "/ip"), "200"::equals);
    }
  }

  @Test
  void aNewRootIsTrustedOnceItIsInTheBundleAndOnlyAsLong() throws Exception {
    var other = otherAuthority();
    WorkloadCertificate stranger =
        other
            .signing()
            .authority()
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload(OnePlane.TRUST_DOMAIN, "sample", "stranger"),
                Duration.ofHours(1));
    Path chain = home.resolve("stranger.pem");
    Path key = home.resolve("stranger.key");
    Files.writeString(chain, stranger.chainPem());
    Files.writeString(key, stranger.privateKeyPem());
    var trust = mesh.plane().control().trust();
    var own = mesh.plane().control().trust().merged();

    for (String envoy : List.of(DELTA, WORLD)) {
      assertThat(handshake(envoy, chain, key)).as("before").isEqualTo("000");
    }
    trust.own(own.withAll(other.bundle().roots()));
    try {
      for (String envoy : List.of(DELTA, WORLD)) {
        Until.seen(envoy + " trusts it", () -> handshake(envoy, chain, key), "200"::equals);
        assertThat(status(OURS, envoy, "/ip")).isEqualTo("200");
      }
      Until.seen(
          "all say so", () -> mesh.plane().control().lackingRoots(), lacking -> lacking.isEmpty());
    } finally {
      trust.own(own);
    }
    for (String envoy : List.of(DELTA, WORLD)) {
      Until.seen(envoy + " trusts it no more", () -> handshake(envoy, chain, key), "000"::equals);
      assertThat(status(OURS, envoy, "/ip")).isEqualTo("200");
    }
  }

  /** The status that a client with that certificate gets, past every proxy but the server's. */
  private static String handshake(String to, Path chain, Path key) {
    var line =
        Stream.of(
                List.of("curl", "-sk", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"),
                List.of("--cert", chain.toString(), "--key", key.toString()),
                List.of("https://" + mesh.address(to) + ":8000/ip"))
            .flatMap(List::stream)
            .toList();
    return mesh.run("authz", Container.APPLICATION, line).out();
  }
}
