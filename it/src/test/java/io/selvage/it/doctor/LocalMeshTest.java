package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.StateDirectory;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.local.LocalCollector;
import io.selvage.doctor.local.LocalMesh;
import io.selvage.doctor.local.LocalProber;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.TrustBundle;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The mesh on this machine, two clusters, broken in one way for each line of the runbook that it
 * has: R1 plaintext, R2 the peer that is shown, R3 identities, R6 policy, R10 tokens, R11 clusters
 * that disagree. R4, R5 and R7 to R9 are about webhooks, rights and Google's cloud, which it has
 * not.
 */
@Tag("real")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class LocalMeshTest {
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
      - name: raw
        namespace: sample
        cluster: east
        serviceAccount: raw
        command: [selvage, httpbin, --port, "9000"]
        ports: [{name: tcp-raw, port: 9000}]
        service: raw
      - {name: sleep, namespace: sample, cluster: east, serviceAccount: sleep, command: [sleep, infinity]}
      - {name: sleep, namespace: sample, cluster: west, serviceAccount: sleep, command: [sleep, infinity]}
      """;
  private static final String SETTINGS =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          trustDomain: it.mesh
          outboundTrafficPolicy: {mode: REGISTRY_ONLY}
      """;
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final List<String> BY_TRAFFIC =
      List.of(
          "SLV1010", "SLV2001", "SLV2002", "SLV2007", "SLV2008", "SLV4001", "SLV4002", "SLV4010");
  private static final Place SLEEP = Place.app("east", "sample", "sleep");

  @TempDir private static Path home;
  private static RunningMesh mesh;

  /**
   * A way to break it, by a file of its folder.
   *
   * @param code that is found, and no other
   * @param runbook the line
   */
  record Row(String code, String runbook, String what, String file, String text) {
    @Override
    public String toString() {
      return code + " (" + runbook + "): " + what;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        new Row(
            "SLV2003",
            "R1",
            "a namespace that takes plaintext",
            "common/broken.yaml",
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: sample}
            spec: {mtls: {mode: PERMISSIVE}}
            """),
        new Row(
            "SLV2004",
            "R1",
            "a DestinationRule that switches TLS off where it is required",
            "common/broken.yaml",
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: httpbin, namespace: sample}
            spec: {host: httpbin.sample.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
            """),
        new Row(
            "SLV1009",
            "R3",
            "another trust domain than that of the certificates",
            "common/mesh.yaml",
            SETTINGS.replace("it.mesh", "other.mesh")),
        new Row(
            "SLV4003",
            "R6",
            "a selector with two letters swapped",
            "common/broken.yaml",
            policy("selector: {matchLabels: {app: htpbin}}, action: DENY, rules: [{}]")),
        new Row(
            "SLV4004",
            "R6",
            "an empty spec in a namespace",
            "common/broken.yaml",
            "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy,"
                + " metadata: {name: broken, namespace: sample}, spec: {}}\n"),
        new Row(
            "SLV4007",
            "R6",
            "a method of HTTP at a port of TCP",
            "common/broken.yaml",
            policy(
                "action: ALLOW, rules: [{to: [{operation: {ports: [\"9000\"], methods:"
                    + " [GET]}}]}]")),
        new Row(
            "SLV4008",
            "R6",
            "a caller that does not exist",
            "common/broken.yaml",
            policy(
                "action: ALLOW, rules: [{from: [{source: {principals:"
                    + " [it.mesh/ns/sample/sa/sleeep]}}]}]")),
        new Row(
            "SLV8005",
            "R11",
            "a policy in one cluster and not in the other",
            "east/broken.yaml",
            policy(
                "action: ALLOW, rules: [{from: [{source: {principals:"
                    + " [it.mesh/ns/sample/sa/sleep]}}]}]")));
  }

  private static String policy(String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: broken, namespace: sample}
    spec: {%s}
    """
        .formatted(spec);
  }

  @BeforeAll
  static void up() throws Exception {
    Path folder = Files.createDirectories(home.resolve("folder"));
    Files.createDirectories(folder.resolve("common"));
    Files.createDirectories(folder.resolve("east"));
    Files.writeString(folder.resolve("workloads.yaml"), WORKLOADS);
    Files.writeString(folder.resolve("common/mesh.yaml"), SETTINGS);
    Files.writeString(folder.resolve("common/strict.yaml"), STRICT);
    mesh = RunningMesh.up(home, folder);
    mesh.untilStatus(SLEEP, "200", "http://httpbin.sample:8000/");
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static LocalMesh running() {
    return new io.selvage.cli.doctor.RunningMesh(
        mesh.state(), new StateDirectory(home.resolve("run")));
  }

  private static Evidence look() {
    InstantSource clock = InstantSource.system();
    return new LocalCollector(running(), clock.instant().minus(Duration.ofHours(1)), clock)
        .collect(_ -> {});
  }

  private static Set<String> open(Evidence evidence) {
    return Patient.open(Patient.examine(evidence));
  }

  private static LocalProber prober() throws Exception {
    return new LocalProber(
        running(),
        new GuardedFetch(
            AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault()),
        new SecureRandom());
  }

  /** The cluster east, probed; the other as it is. */
  private static Evidence probed() throws Exception {
    Evidence seen = look();
    ClusterEvidence east = seen.clusters().getFirst();
    return new Evidence(
        seen.taken(),
        seen.since(),
        List.of(
            prober().probe(east, ProbeRequest.DEFAULTS, _ -> {}).into(east),
            seen.clusters().getLast()));
  }

  private static Map<String, Set<Status>> statuses(Evidence evidence) {
    Diagnosis diagnosis = Patient.examine(evidence);
    return diagnosis.results().stream()
        .collect(
            Collectors.groupingBy(
                Result::code, Collectors.mapping(Result::status, Collectors.toSet())));
  }

  @Test
  @Order(1)
  void aFreshMeshHasNoFindingAndOnlyProbesAreMissing() {
    Diagnosis diagnosis = Patient.examine(look());
    assertThat(Patient.open(diagnosis)).isEmpty();
    List<String> unknown =
        diagnosis.results().stream()
            .filter(result -> result.status() == Status.UNKNOWN)
            .map(Result::code)
            .distinct()
            .sorted()
            .toList();
    assertThat(unknown)
        .as("what only requests of its own can tell, and nothing else")
        .containsExactlyElementsOf(
            BY_TRAFFIC.stream().filter(code -> !code.equals("SLV4010")).toList());
  }

  @Test
  @Order(2)
  void whatHoldsIsProvedByTrafficAndNothingStays() throws Exception {
    Evidence seen = probed();
    Diagnosis east = Patient.examine(new Evidence(seen.taken(), seen.since(), eastOf(seen)));
    for (String code : BY_TRAFFIC) {
      assertThat(east.results())
          .as(code)
          .filteredOn(result -> result.code().equals(code))
          .isNotEmpty()
          .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.PASS));
    }
    assertThat(Patient.open(east)).isEmpty();
    assertThat(east.results())
        .as("nothing that a mesh on one machine has is unknown")
        .noneMatch(result -> result.status() == Status.UNKNOWN);
    assertThat(mesh.state().workloads()).hasSize(4);
    assertThat(mesh.json("status").toString()).doesNotContain("selvage-probe-");
  }

  private static List<ClusterEvidence> eastOf(Evidence seen) {
    return List.of(seen.clusters().getFirst());
  }

  @Test
  @Order(3)
  void aConversationIsAskedAsTheWorkload() throws Exception {
    ClusterEvidence east = look().clusters().getFirst();
    List<ProbeOutcome> outcomes =
        prober()
            .converse(east, Conversation.of("sleep.sample", "httpbin.sample:8000").orElseThrow())
            .outcomes()
            .found()
            .orElseThrow();
    assertThat(outcomes)
        .extracting(ProbeOutcome::result)
        .as(outcomes.toString())
        .containsExactly("200", "200");
    assertThat(outcomes.getLast().details().get("x-forwarded-client-cert"))
        .contains("URI=spiffe://it.mesh/ns/sample/sa/sleep")
        .contains("Hash=" + outcomes.getLast().details().get("peer-hash"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  @Order(4)
  void whatIsBrokenIsFoundAndWhatIsHealedIsNot(Row row) throws Exception {
    mesh.edit(row.file(), row.text());
    Until.seen(row + " is found", () -> open(look()), Set.of(row.code())::equals);
    if (row.file().endsWith("mesh.yaml")) {
      mesh.edit(row.file(), SETTINGS);
    } else {
      mesh.remove(row.file());
    }
    Until.seen(row + " is healed", () -> open(look()), Set.of()::equals);
  }

  /** R10: whoever asks with a token that is not of this mesh. */
  @Test
  @Order(5)
  void tokensThatAreRefusedAgainAndAgainAreFound() throws Exception {
    var invitation = new AdminClient(mesh.state()).ask("/v1/operator/east").orElseThrow();
    TrustBundle roots = TrustBundle.parse(invitation.path("roots").asString());
    int port = Integer.parseInt(invitation.path("ca").asString().replaceFirst(".*:", ""));
    CertificateClient client =
        new CertificateClient(
            CertificateClient.Settings.of(
                "127.0.0.1", port, invitation.path("serverName").asString(), "east"),
            () -> roots,
            () -> Optional.of("a token of nobody's"),
            pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
            InstantSource.system(),
            new SecureRandom());
    for (int refused = 0; refused < 4; refused++) {
      assertThatThrownBy(() -> client.request(Optional.empty()))
          .isInstanceOf(CertificateRequestFailed.class);
      assertThat(open(look())).as("it does not last yet").isEmpty();
    }
    Instant last =
        look().clusters().getFirst().logs().found().orElseThrow().stream()
            .filter(line -> line.text().contains("certificate refused"))
            .flatMap(line -> line.time().stream())
            .max(Instant::compareTo)
            .orElseThrow();
    assertThat(open(Aged.before(last, look())))
        .as("the same, had it begun two minutes earlier")
        .containsExactly("SLV5004");
  }

  /** R1, by traffic: what is declared is not what holds, since nothing is captured any more. */
  @Test
  @Order(6)
  void aWorkloadWhoseCaptureIsGoneIsFoundByTraffic() throws Exception {
    String namespace =
        mesh.state().workloads().stream()
            .filter(one -> one.cluster().equals("east") && one.name().equals("httpbin"))
            .findFirst()
            .orElseThrow()
            .netns();
    assertThat(open(look())).as("configuration alone does not show it").isEmpty();
    Tool.run(
            Map.of(),
            List.of(
                ("ip netns exec " + namespace + " nft flush chain ip selvage prerouting")
                    .split(" ", -1)))
        .well();
    assertThat(statuses(probed()).get("SLV2001")).contains(Status.FAIL);
    mesh.edit(
        "workloads.yaml",
        WORKLOADS.replace("\"8000\"]\n", "\"8000\"]\n  env: {RESTARTED: \"1\"}\n"));
    mesh.untilStatus(SLEEP, "200", "http://httpbin.sample:8000/");
    Until.seen(
        "plaintext is refused again",
        () -> statuses(probed()).get("SLV2001"),
        found -> !found.contains(Status.FAIL));
  }
}
