package io.selvage.it.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.it.stage.Authorizers;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tokens;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of policy on a mesh that runs, edited while it runs; a namespace for each test. */
@Tag("real")
class PoliciesTest {
  private static final List<String> NAMESPACES =
      List.of(
          "permissive", "disabled", "ports", "tokens", "asks-http", "asks-grpc", "rules", "vms");
  private static final String CLUSTER = "local";
  private static final Place CLIENT = Place.app(CLUSTER, "client", "client");
  private static final Place PLAIN = CLIENT.pastTheProxy();

  @TempDir private static Path home;
  private static Httpbin httpbin;
  private static Authorizers authorizers;
  private static RunningMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    // httpbin tells its port to nobody: it is asked for a free one that was free a moment ago
    int port = FreePort.find();
    httpbin = Httpbin.start(new InetSocketAddress(RunningMesh.loopback(), port), "it");
    authorizers = new Authorizers();
    Path folder = Files.createDirectories(home.resolve("folder"));
    for (String name : List.of("server", "other")) {
      selfSigned(name);
    }
    Files.writeString(folder.resolve("workloads.yaml"), workloads(port));
    Files.writeString(folder.resolve("mesh.yaml"), MESH);
    mesh = RunningMesh.up(home, folder);
    for (String namespace : NAMESPACES) {
      mesh.untilStatus(CLIENT, "200", url(namespace, "/ip"));
    }
  }

  /** Makes {@code NAME.pem} and {@code NAME.key} for api.example.com. */
  private static void selfSigned(String name) {
    Tool.run(
            Map.of(),
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=api.example.com",
                "-addext",
                "subjectAltName=DNS:api.example.com",
                "-keyout",
                home.resolve(name + ".key").toString(),
                "-out",
                home.resolve(name + ".pem").toString()))
        .well();
  }

  private static String workloads(int httpbin) {
    var text = new StringBuilder("workloads:\n");
    text.append(
        """
        - {name: client, namespace: client, serviceAccount: client, command: [sleep, infinity]}
        - name: authorizer
          namespace: authz
          listening: 127.0.0.1:%1$d
          ports: [{name: http, port: 9001}]
          service: by-http
        - name: authorizer-grpc
          namespace: authz
          listening: 127.0.0.1:%2$d
          ports: [{name: grpc, port: 9002}]
          service: by-grpc
        - name: tls
          namespace: foreign
          command: [openssl, s_server, -accept, "8443", -www, -cert, %3$s.pem, -key, %3$s.key]
          ports: [{name: https, port: 8443}]
        """
            .formatted(authorizers.httpPort(), authorizers.grpcPort(), home.resolve("server")));
    for (String namespace : NAMESPACES) {
      text.append(
          """
          - name: httpbin
            namespace: %s
            serviceAccount: httpbin
            listening: 127.0.0.1:%d
            ports: [{name: http, port: 8000}, {name: http-admin, port: 8001}]
            service: httpbin
          """
              .formatted(namespace, httpbin));
    }
    return text.toString();
  }

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
              service: by-http.authz.svc.cluster.local
              port: 9001
              includeRequestHeadersInCheck: [x-ext]
              headersToUpstreamOnAllow: [x-decided]
          - name: by-grpc
            envoyExtAuthzGrpc: {service: by-grpc.authz.svc.cluster.local, port: 9002}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;

  @AfterAll
  static void down() throws Exception {
    mesh.close();
    authorizers.close();
    httpbin.close();
  }

  private static String url(String namespace, String path) {
    return "http://httpbin." + namespace + ":8000" + path;
  }

  private static String admin(String namespace, String path) {
    return "http://httpbin." + namespace + ":8001" + path;
  }

  private static String body(Place place, String... curl) {
    var line = new java.util.ArrayList<>(List.of("curl", "-sS", "-m", "20"));
    line.addAll(List.of(curl));
    return mesh.exec(place, line.toArray(String[]::new)).well().out().toLowerCase(Locale.ROOT);
  }

  private static String peerAuthentication(String namespace, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: modes, namespace: %s}
    spec: %s
    """
        .formatted(namespace, spec);
  }

  @Test
  void permissiveTakesPlaintextAndMutualTlsOnOnePort() throws Exception {
    assertThat(mesh.status(PLAIN, url("permissive", "/ip"))).as("strict before").isEqualTo("000");

    mesh.edit("permissive.yaml", peerAuthentication("permissive", "{mtls: {mode: PERMISSIVE}}"));
    mesh.untilStatus(PLAIN, "200", url("permissive", "/ip"));

    assertThat(
            body(
                PLAIN,
                "-H",
                "X-Forwarded-Client-Cert: URI=spiffe://it.mesh/ns/client/sa/admin",
                url("permissive", "/headers")))
        .as("no certificate, so nobody is named, whatever was said")
        .doesNotContain("x-forwarded-client-cert");
    assertThat(body(CLIENT, url("permissive", "/headers")))
        .contains("uri=spiffe://it.mesh/ns/client/sa/client");

    mesh.remove("permissive.yaml");
    mesh.untilStatus(PLAIN, "000", url("permissive", "/ip"));
  }

  @Test
  void disableTakesPlaintextAlone() throws Exception {
    mesh.edit("disabled.yaml", peerAuthentication("disabled", "{mtls: {mode: DISABLE}}"));
    mesh.untilStatus(PLAIN, "200", url("disabled", "/ip"));

    Until.seen(
        "the client's proxy sends plaintext now",
        () -> body(CLIENT, url("disabled", "/headers")),
        answer -> !answer.contains("x-forwarded-client-cert"));
  }

  @Test
  void aPortMayHaveAModeOfItsOwn() throws Exception {
    mesh.edit(
        "ports.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: ports, namespace: ports}
        spec:
          selector: {matchLabels: {app: httpbin}}
          mtls: {mode: STRICT}
          portLevelMtls: {8001: {mode: PERMISSIVE}}
        """);
    mesh.untilStatus(PLAIN, "200", admin("ports", "/ip"));

    assertThat(mesh.exec(PLAIN, "curl", "-sS", url("ports", "/ip")).exit()).isEqualTo(56);
    assertThat(mesh.status(CLIENT, url("ports", "/ip"))).isEqualTo("200");
    assertThat(mesh.status(CLIENT, admin("ports", "/ip"))).isEqualTo("200");
  }

  @Test
  void tokensAreCheckedAndTheirClaimsDecide() throws Exception {
    var tokens = new Tokens();
    mesh.edit(
        "tokens.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: tokens}
        spec:
          jwtRules: [{issuer: '%1$s', jwks: '%2$s'}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: admins, namespace: tokens}
        spec:
          rules:
          - from: [{source: {requestPrincipals: ['%1$s/*']}}]
            when: [{key: 'request.auth.claims[group]', values: [admins]}]
        """
            .formatted(Tokens.ISSUER, tokens.jwks()));
    String url = url("tokens", "/headers");
    mesh.untilStatus(CLIENT, "403", url);
    Duration hour = Duration.ofHours(1);

    assertThat(bearer(url, tokens.token("ann", "admins", hour))).isEqualTo("200");
    assertThat(bearer(url, tokens.token("bob", "users", hour))).isEqualTo("403");
    assertThat(bearer(url, tokens.token("ann", "admins", hour.negated()))).isEqualTo("401");
    assertThat(bearer(url, new Tokens().token("eve", "admins", hour))).isEqualTo("401");
    assertThat(bearer(url, "not.a.token")).isEqualTo("401");
    assertThat(
            body(CLIENT, "-H", "Authorization: Bearer " + tokens.token("ann", "admins", hour), url))
        .as("the program does not see the token, as forwardOriginalToken is not set")
        .doesNotContain("bearer");
  }

  private static String bearer(String url, String token) {
    return mesh.status(CLIENT, "-H", "Authorization: Bearer " + token, url);
  }

  @Test
  void anHttpAuthorizerDecidesAndItsHeadersReachTheProgram() throws Exception {
    mesh.edit("asks-http.yaml", custom("asks-http", "by-http"));
    String url = url("asks-http", "/anything/asked");
    mesh.untilStatus(CLIENT, "403", url);

    assertThat(body(CLIENT, url)).isEqualTo("not by http");
    assertThat(body(CLIENT, "-H", "x-ext: allow", url)).contains("\"x-decided\" : \"http\"");
    assertThat(mesh.status(CLIENT, url("asks-http", "/ip"))).as("not asked").isEqualTo("200");
  }

  @Test
  void aGrpcAuthorizerDecidesAndIsToldWhoAsks() throws Exception {
    mesh.edit("asks-grpc.yaml", custom("asks-grpc", "by-grpc"));
    String url = url("asks-grpc", "/anything/asked");
    mesh.untilStatus(CLIENT, "423", url);

    assertThat(body(CLIENT, url)).isEqualTo("not by grpc");
    assertThat(body(CLIENT, "-H", "x-ext: allow", url)).contains("\"x-decided\" : \"grpc\"");
    assertThat(authorizers.asked)
        .last()
        .satisfies(
            asked -> {
              var attributes = asked.getAttributes();
              assertThat(attributes.getSource().getPrincipal())
                  .isEqualTo("spiffe://it.mesh/ns/client/sa/client");
              assertThat(attributes.getRequest().getHttp().getPath()).isEqualTo("/anything/asked");
            });
  }

  private static String custom(String namespace, String provider) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: ask, namespace: %s}
    spec:
      action: CUSTOM
      provider: {name: %s}
      rules: [{to: [{operation: {paths: [/anything/*]}}]}]
    """
        .formatted(namespace, provider);
  }

  @Test
  void aDestinationRuleThatDisagreesWithTheServerFailsAndOneThatAgreesHolds() throws Exception {
    String url = url("rules", "/headers");
    mesh.edit("rule.yaml", destinationRule("DISABLE"));
    mesh.untilStatus(CLIENT, "503", url);

    mesh.edit("rule.yaml", destinationRule("ISTIO_MUTUAL"));
    mesh.untilStatus(CLIENT, "200", url);
    assertThat(body(CLIENT, url)).contains("uri=spiffe://it.mesh/ns/client/sa/client");

    mesh.edit("rules.yaml", peerAuthentication("rules", "{mtls: {mode: DISABLE}}"));
    mesh.untilStatus(CLIENT, "503", url);

    mesh.edit("rule.yaml", destinationRule("DISABLE"));
    mesh.untilStatus(CLIENT, "200", url);
    assertThat(body(CLIENT, url)).doesNotContain("x-forwarded-client-cert");
  }

  private static String destinationRule(String mode) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: httpbin, namespace: rules}
    spec:
      host: httpbin.rules.svc.cluster.local
      trafficPolicy: {tls: {mode: %s}}
    """
        .formatted(mode);
  }

  @Test
  void aServiceEntryLeadsToTheMachinesThatWorkloadEntriesName() throws Exception {
    String address = mesh.address(Place.app(CLUSTER, "vms", "httpbin"));
    mesh.edit(
        "vms.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: machines, namespace: vms}
        spec:
          hosts: [machines.example.com]
          location: MESH_INTERNAL
          resolution: STATIC
          addresses: [240.240.7.7]
          workloadSelector: {labels: {app: machine}}
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}]
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: machine-1, namespace: vms}
        spec:
          address: %s
          labels: {app: machine, security.istio.io/tlsMode: istio}
          serviceAccount: httpbin
        """
            .formatted(address));
    String url = "http://machines.example.com/headers";
    mesh.untilStatus(CLIENT, "200", url);

    assertThat(body(CLIENT, url))
        .contains("by=spiffe://it.mesh/ns/vms/sa/httpbin")
        .contains("\"host\" : \"machines.example.com\"");
  }

  @Test
  void aServerWithAnotherIdentityThanTheEntrySaysIsNotSpokenTo() throws Exception {
    String address = mesh.address(Place.app(CLUSTER, "vms", "httpbin"));
    mesh.edit(
        "impostor.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: impostor, namespace: vms}
        spec:
          hosts: [bank.example.com]
          location: MESH_INTERNAL
          resolution: STATIC
          addresses: [240.240.7.8]
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}]
          endpoints:
          - address: %s
            labels: {security.istio.io/tlsMode: istio}
            serviceAccount: bank
        """
            .formatted(address));

    mesh.untilStatus(CLIENT, "503", "http://bank.example.com/headers");
  }

  @Test
  void aDestinationRuleMayOriginateTlsToAServerOfItsOwnRoots() throws Exception {
    mesh.edit("foreign.yaml", peerAuthentication("foreign", "{mtls: {mode: DISABLE}}"));
    mesh.edit("api.yaml", simpleTls("server"));
    String url = "http://api.example.com/";
    mesh.untilStatus(CLIENT, "200", url);
    assertThat(body(CLIENT, url)).as("what openssl tells of the handshake").contains("tls");

    mesh.edit("api.yaml", simpleTls("other"));
    mesh.untilStatus(CLIENT, "503", url);
    mesh.edit("api.yaml", simpleTls("missing"));
    Until.seen(
        "the missing file is told",
        () -> mesh.selvage("logs", "-c", "proxies").out(),
        said -> said.contains("SLV5020"));
    assertThat(mesh.status(CLIENT, url)).as("nothing goes out without TLS").isEqualTo("503");
  }

  private static String simpleTls(String roots) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: api, namespace: foreign}
    spec:
      hosts: [api.example.com]
      location: MESH_EXTERNAL
      resolution: STATIC
      addresses: [240.240.7.9]
      ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8443}]
      endpoints: [{address: %s}]
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: api, namespace: foreign}
    spec:
      host: api.example.com
      trafficPolicy: {tls: {mode: SIMPLE, caCertificates: %s.pem}}
    """
        .formatted(
            mesh.address(Place.app(CLUSTER, "foreign", "tls")), home.resolve(roots).toString());
  }
}
