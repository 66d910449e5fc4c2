package io.selvage.it.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Tool.Ran;
import io.selvage.it.stage.Until;
import io.selvage.pki.Fingerprint;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The runbook's own commands, pasted against two clusters of one trust domain. */
@Tag("real")
class RunbookTest {
  private static final String WORKLOADS =
      """
      clusters:
      - {name: east, ca: istiod}
      - {name: west, ca: meshca}
      workloads:
      - name: httpbin
        namespace: sample
        cluster: east
        serviceAccount: httpbin
        command: [selvage, httpbin, --port, "8000"]
        ports: [{name: http, port: 8000}]
        service: httpbin
      - {name: sleep, namespace: sample, cluster: east, serviceAccount: sleep, command: [sleep, infinity]}
      - name: httpbin
        namespace: authz-ns
        cluster: east
        serviceAccount: httpbin
        command: [selvage, httpbin, --port, "8000"]
        ports: [{name: http, port: 8000}]
        service: httpbin
      - name: httpbin
        namespace: sample
        cluster: west
        serviceAccount: httpbin
        command: [selvage, httpbin, --port, "8000"]
        ports: [{name: http, port: 8000}]
        service: httpbin
      - {name: sleep, namespace: sample, cluster: west, serviceAccount: sleep, command: [sleep, infinity]}
      """;
  private static final String COMMON =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          trustDomain: it.mesh
          accessLogFile: /dev/stdout
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final Place SLEEP = Place.app("east", "sample", "sleep");
  private static final Place WEST_SLEEP = Place.app("west", "sample", "sleep");
  private static final String HEADERS = "http://httpbin.sample:8000/headers";
  private static final String AUTHZ_NS = "http://httpbin.authz-ns:8000/ip";
  private static final Pattern XFCC =
      Pattern.compile("By=([^;,\"]*);Hash=([0-9a-f]{64});Subject=\"([^\"]*)\";URI=([^;,\"]*)");

  @TempDir private static Path home;
  private static RunningMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    Path folder = Files.createDirectories(home.resolve("folder"));
    Files.createDirectories(folder.resolve("common"));
    Files.createDirectories(folder.resolve("east"));
    Files.writeString(folder.resolve("workloads.yaml"), WORKLOADS);
    Files.writeString(folder.resolve("common/mesh.yaml"), COMMON);
    mesh = RunningMesh.up(home, folder);
    for (Place sleep : List.of(SLEEP, WEST_SLEEP)) {
      for (String url : List.of(HEADERS, AUTHZ_NS)) {
        mesh.untilStatus(sleep, "200", url);
      }
    }
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  @Test
  void plaintextToAStrictServiceIsReset() {
    Ran ran =
        mesh.selvage(
            "exec",
            "sleep",
            "-n",
            "sample",
            "--context",
            "east",
            "-c",
            "istio-proxy",
            "--",
            "curl",
            "-sS",
            HEADERS);

    assertThat(ran.exit()).isEqualTo(56);
    assertThat(ran.err()).isEqualTo("curl: (56) Recv failure: Connection reset by peer\n");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void aWorkloadsRequestArrivesWithItsIdentity() {
    Ran ran =
        mesh.selvage(
            "exec", "sleep", "-n", "sample", "--context", "east", "--", "curl", "-sS", HEADERS);

    String xfcc = forwardedClientCert(ran.well().out());
    var match = XFCC.matcher(xfcc);
    assertThat(match.matches()).as(xfcc).isTrue();
    assertThat(match.group(1)).isEqualTo("spiffe://it.mesh/ns/sample/sa/httpbin");
    assertThat(match.group(2)).isEqualTo(shown("sleep", "east"));
    assertThat(match.group(3)).isEmpty();
    assertThat(match.group(4)).isEqualTo("spiffe://it.mesh/ns/sample/sa/sleep");
  }

  @Test
  void theChainThatIsShownIsTheOneOnTheWireUpToTheRoot() throws Exception {
    for (String cluster : List.of("east", "west")) {
      List<X509Certificate> chain = chain(cluster);

      assertThat(chain)
          .extracting(Fingerprint::sha256Hex)
          .isEqualTo(fingerprints(cluster, "chain"));
      assertThat(chain.getLast().getSubjectX500Principal())
          .as("the last is a root")
          .isEqualTo(chain.getLast().getIssuerX500Principal());
      assertThat(fingerprints(cluster, "roots"))
          .as("the roots that are trusted")
          .contains(Fingerprint.sha256Hex(chain.getLast()));
    }
  }

  @Test
  void aForgedClientCertificateHeaderIsReplaced() {
    Ran ran =
        mesh.exec(
            SLEEP, "curl", "-sS", "-H", "X-Forwarded-Client-Cert: By=a;URI=spiffe://evil", HEADERS);

    assertThat(forwardedClientCert(ran.well().out()))
        .doesNotContain("evil")
        .contains("URI=spiffe://it.mesh/ns/sample/sa/sleep");
  }

  @Test
  void aRequestCrossesTheClustersWithTheIdentityThatAnotherCaSigned() {
    Ran ran =
        mesh.exec(
            WEST_SLEEP, "curl", "-sS", "-D", "-", "-H", "Connection: close", HEADERS + "?[1-16]");

    String both = ran.well().out().toLowerCase(java.util.Locale.ROOT);
    assertThat(both)
        .contains("x-served-by: east/httpbin")
        .contains("x-served-by: west/httpbin")
        .contains("hash=" + shown("sleep", "west"))
        .contains("subject=\\\"")
        .contains("uri=spiffe://it.mesh/ns/sample/sa/sleep");
  }

  @Test
  void theIstiodProfileSignsLeavesWithoutSubjectBelowTheTrustDomain() throws Exception {
    List<X509Certificate> chain = chain("east");

    assertThat(chain.getFirst().getSubjectX500Principal().getName()).isEmpty();
    assertThat(chain.getFirst().getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://it.mesh/ns/sample/sa/httpbin"));
    assertThat(chain.getFirst().getIssuerX500Principal().getName()).isEqualTo("O=it.mesh");
    leadsToTheRoot(chain);
  }

  @Test
  void theMeshCaProfileNamesItsSignerAndItsLeaves() throws Exception {
    List<X509Certificate> chain = chain("west");

    assertThat(chain.getFirst().getSubjectX500Principal().getName())
        .isEqualTo("OU=istio_v1_cloud_workload,O=it.mesh");
    assertThat(chain.getLast().getIssuerX500Principal().getName())
        .containsPattern("CN=istio_v1_cloud_workload_root-signer-\\d+-\\d+");
    leadsToTheRoot(chain);
  }

  private static void leadsToTheRoot(List<X509Certificate> chain) throws Exception {
    for (int i = 1; i < chain.size(); i++) {
      chain.get(i - 1).verify(chain.get(i).getPublicKey());
    }
  }

  @Test
  void anEmptyPolicyDeniesAndItsRemovalAllowsAgain() throws Exception {
    mesh.edit(
        "common/deny.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny-authz-ns, namespace: authz-ns}
        spec: {}
        """);
    mesh.untilStatus(SLEEP, "403", AUTHZ_NS);

    Ran denied = mesh.exec(SLEEP, "curl", "-sS", "-w", "\n%{http_code}", AUTHZ_NS);
    assertThat(denied.well().out()).isEqualTo("RBAC: access denied\n403");
    assertThat(mesh.status(SLEEP, HEADERS)).as("the other namespace").isEqualTo("200");

    mesh.remove("common/deny.yaml");
    mesh.untilStatus(SLEEP, "200", AUTHZ_NS);
  }

  @Test
  void whyNamesPolicyRuleAndLineOfADeniedRequest() throws Exception {
    Path file =
        mesh.edit(
            "east/no-teapots.yaml",
            """
            # a comment, so that the line is not the first
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: no-teapots, namespace: authz-ns}
            spec:
              action: DENY
              rules:
              - to: [{operation: {paths: [/never]}}]
              - to: [{operation: {paths: [/status/418]}}]
            """);
    String teapot = "http://httpbin.authz-ns:8000/status/418";
    mesh.untilStatus(SLEEP, "403", teapot);
    Ran denied = mesh.exec(SLEEP, "curl", "-sS", "-D", "-", teapot);

    String why = mesh.selvage("why", requestId(denied.out())).well().out();

    assertThat(why)
        .contains("authz-ns/no-teapots, rule 1")
        .contains(file.getFileName() + ":9")
        .contains("/status/418")
        .contains("spiffe://it.mesh/ns/sample/sa/sleep");
    mesh.remove("east/no-teapots.yaml");
    mesh.untilStatus(SLEEP, "418", teapot);
  }

  private static String requestId(String head) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "x-request-id:", 0, 13))
        .map(line -> line.substring(13).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError("a denied answer names its request: " + head));
  }

  @Test
  void aTypoKeepsTheLastGoodVersionAndStatusSaysWhereItIs() throws Exception {
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no-bytes, namespace: authz-ns}
        spec:
          action: DENY
          rules:
          - to: [{operation: {paths: [/bytes/*]}}]
        """;
    String bytes = "http://httpbin.authz-ns:8000/bytes/7";
    mesh.edit("east/no-bytes.yaml", policy);
    mesh.untilStatus(SLEEP, "403", bytes);

    mesh.edit("east/no-bytes.yaml", policy.replace("paths:", "pahts:"));

    Ran status =
        Until.seen("status shows the typo", () -> mesh.selvage("status"), ran -> ran.exit() == 1);
    assertThat(status.out()).contains("no-bytes.yaml:7").contains("pahts").contains("paths");
    assertThat(mesh.status(SLEEP, bytes)).as("the last good version holds").isEqualTo("403");

    mesh.edit("east/no-bytes.yaml", "spec: [\n");
    Until.seen(
        "status shows the broken file",
        () -> mesh.selvage("status").out(),
        out -> out.contains("no-bytes.yaml") && !out.contains("pahts"));
    assertThat(mesh.status(SLEEP, bytes)).as("the last good version holds").isEqualTo("403");

    mesh.remove("east/no-bytes.yaml");
    mesh.untilStatus(SLEEP, "200", bytes);
    assertThat(mesh.selvage("status").exit()).isZero();
  }

  @Test
  void statusShowsEveryWorkloadReadyWithItsCertificate() {
    var status = mesh.json("status");

    assertThat(status.path("workloads").size()).isEqualTo(5);
    assertThat(status.path("workloads"))
        .allSatisfy(
            workload -> {
              assertThat(workload.path("proxy").asString()).isEqualTo("ready");
              assertThat(workload.path("process").asString()).isEqualTo("running");
            });
    assertThat(status.path("clusters"))
        .allSatisfy(cluster -> assertThat(cluster.path("roots").size()).isEqualTo(2));
  }

  @Test
  void theAccessLogTellsOfTheRequest() throws Exception {
    mesh.exec(SLEEP, "curl", "-sS", "http://httpbin.sample:8000/anything/in-the-log").well();

    Until.holds(
        "it is logged by the proxy that served it",
        () -> (accessLog("east") + accessLog("west")).contains("/anything/in-the-log"));
  }

  private static String accessLog(String cluster) {
    return mesh.selvage(
            "logs", "httpbin", "-n", "sample", "--context", cluster, "-c", "istio-proxy")
        .out();
  }

  @Test
  void aWorkloadThatIsKilledComesBack() throws Exception {
    long before = pid();
    ProcessHandle.of(before).orElseThrow().destroyForcibly();

    Until.holds("another process", () -> pid() != before && pid() != 0);
    mesh.untilStatus(SLEEP, "200", AUTHZ_NS);
    assertThat(mesh.json("status").path("workloads"))
        .anySatisfy(workload -> assertThat(workload.path("restarts").asInt()).isPositive());
  }

  private static long pid() {
    String netns =
        mesh.state().workloads().stream()
            .filter(workload -> workload.namespace().equals("authz-ns"))
            .findFirst()
            .orElseThrow()
            .netns();
    return Tool.run(Map.of(), List.of("ip", "netns", "pids", netns))
        .out()
        .lines()
        .map(String::strip)
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  /** The certificates that {@code cluster}'s httpbin shows to openssl. */
  private static List<X509Certificate> chain(String cluster) throws Exception {
    Place asks = Place.app(cluster, "sample", "sleep").pastTheProxy();
    String expected = shown("httpbin", cluster);
    return Until.seen(
        "either cluster may answer to the name, and this one did",
        () -> certificates(openssl(asks)),
        chain -> !chain.isEmpty() && Fingerprint.sha256Hex(chain.getFirst()).equals(expected));
  }

  private static String openssl(Place place) {
    return mesh.exec(
            place,
            "openssl",
            "s_client",
            "-alpn",
            "istio",
            "-showcerts",
            "-connect",
            "httpbin.sample:8000")
        .out();
  }

  private static List<X509Certificate> certificates(String pem) throws Exception {
    var factory = CertificateFactory.getInstance("X.509");
    String begin = "-----BEGIN CERTIFICATE-----";
    String end = "-----END CERTIFICATE-----";
    return Stream.of(pem.split(begin))
        .skip(1)
        .map(part -> begin + part.substring(0, part.indexOf(end)) + end + "\n")
        .map(one -> one.getBytes(StandardCharsets.US_ASCII))
        .map(one -> read(factory, one))
        .toList();
  }

  private static X509Certificate read(CertificateFactory factory, byte[] pem) {
    try {
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(pem));
    } catch (java.security.cert.CertificateException e) {
      throw new AssertionError("openssl shows what is no certificate", e);
    }
  }

  /** What {@code selvage certs} shows of {@code sample}'s httpbin under {@code what}. */
  private static List<String> fingerprints(String cluster, String what) {
    return mesh.json("certs", "httpbin", "-n", "sample", "--context", cluster)
        .path(what)
        .valueStream()
        .map(certificate -> certificate.path("sha256").asString())
        .toList();
  }

  /** The fingerprint that {@code selvage certs} shows for a workload of {@code sample}. */
  private static String shown(String workload, String cluster) {
    return mesh.json("certs", workload, "-n", "sample", "--context", cluster)
        .path("chain")
        .get(0)
        .path("sha256")
        .asString();
  }

  private static String forwardedClientCert(String answer) {
    var headers = JsonMapper.shared().readTree(answer).path("headers");
    return headers.properties().stream()
        .filter(header -> header.getKey().equalsIgnoreCase("x-forwarded-client-cert"))
        .map(header -> header.getValue().asString())
        .findFirst()
        .orElse("");
  }
}
