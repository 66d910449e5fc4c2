package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.control.kubernetes.install.Check;
import io.selvage.control.kubernetes.install.Check.Outcome;
import io.selvage.control.kubernetes.install.IssuanceTrial;
import io.selvage.control.kubernetes.install.NeighbourCheck;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.control.kubernetes.trust.CommonRoot;
import io.selvage.control.workload.RemoteCluster;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real API servers and a control plane for each form one mesh: {@code sleep} runs in east,
 * {@code httpbin} in west, and a Service of that name is in both.
 */
@Tag("real")
final class OneMeshOfTwoClustersTest {
  private static final String SETTINGS = "{\"trustDomain\": \"it.mesh\"}";
  private static final String SECRET =
      "{apiVersion: v1, kind: Secret, metadata: {name: istio-remote-secret-west, namespace: istio-system}}";

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static MeshSide east;
  private static MeshSide west;
  private static Caller sleep;

  @BeforeAll
  static void start() throws Exception {
    try {
      MeshNetwork network =
          ALL.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("two"),
                  List.of("east", "west"),
                  home.resolve("netns")));
      east = ALL.add(MeshSide.start("east", home.resolve("east"), network, 8000, SETTINGS));
      west = ALL.add(MeshSide.start("west", home.resolve("west"), network, 8001, SETTINGS));
      east.control();
      assertThat(
              new CommonRoot(Cluster.ROOT, "it.mesh", InstantSource.system(), new SecureRandom())
                  .share(east.admin(), west.admin()))
          .isEqualTo(CommonRoot.Outcome.GIVEN);
      west.control();
      east.httpbinService();
      west.httpbinService();
      east.node("n1", "r-east");
      west.node("n1", "r-west");
      east.pod("sleep-1", "sleep", "n1");
      west.httpbinPod("west-1", "n1");
      west.httpbinEndpoints("west-1");
      sleep = east.caller("sleep-1");
      assertThat(exchange()).allSatisfy(one -> assertThat(one.failure()).isEmpty()).hasSize(2);
      served();
    } catch (Throwable e) {
      ALL.close();
      throw e;
    }
  }

  @Test
  void eachSaysItselfThatItReadsTheOther() throws Exception {
    var check =
        new NeighbourCheck(
            () -> new IssuanceTrial.Way(east.replica().readinessPort(), () -> {}), Duration.ZERO);
    assertThat(check.check(List.of("west"))).isEqualTo(new Check(Outcome.PASSED, "reads west"));
    assertThat(check.check(List.of("west", "north")))
        .isEqualTo(new Check(Outcome.FAILED, "does not read north (no Secret names it)"));
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  /** Without controllers no Secret gets a token, so that one is asked for at once. */
  private static List<RemoteSecrets.Outcome> exchange() {
    return new RemoteSecrets(Cluster.ROOT, Reader.SELVAGE, Duration.ofMillis(1))
        .exchange(List.of(east.member(), west.member()));
  }

  private static void served() throws Exception {
    Until.seen("west serves east", () -> sleep.call("/ip"), "200 west-1"::equals);
  }

  private static String problems() {
    return east.replica().plane().status().problems().toString();
  }

  @Test
  void requestsOfEastAreAnsweredByWestWithBothIdentities() throws Exception {
    assertThat(sleep.body("/headers"))
        .contains("By=spiffe://it.mesh/ns/sample/sa/httpbin")
        .contains("URI=spiffe://it.mesh/ns/sample/sa/sleep");
    assertThat(east.replica().plane().workloads().neighbours()).containsExactly("west");
    assertThat(west.replica().plane().workloads().neighbours()).containsExactly("east");
  }

  @Test
  void aPolicyBindsTheWorkloadsOfItsOwnCluster() throws Exception {
    String deny =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: sample}
        spec:
          action: DENY
          selector: {matchLabels: {app: httpbin}}
          rules:
          - from: [{source: {principals: [it.mesh/ns/sample/sa/sleep]}}]
            to: [{operation: {paths: [/headers]}}]
        """;
    try {
      east.client().apply(deny);
      Until.holds(
          "east has taken it",
          () -> !east.client().get(Manifest.read(deny).getFirst()).path("status").isMissingNode());
      assertThat(sleep.call("/headers")).as("a policy of east").isEqualTo("200 west-1");
      west.client().apply(deny);
      Until.seen("west denies east's caller", () -> sleep.call("/headers"), "403"::equals);
      assertThat(sleep.call("/ip")).isEqualTo("200 west-1");
    } finally {
      east.client().delete(Manifest.read(deny));
      west.client().delete(Manifest.read(deny));
    }
    Until.seen("nobody denies", () -> sleep.call("/headers"), "200 west-1"::equals);
  }

  @Test
  void anApiThatIsAwayLeavesTheTrafficAsItWas() throws Exception {
    assertThat(
            sleep.during(
                () -> {
                  west.forNeighbours().cut();
                  return Until.seen(
                      "east says so", OneMeshOfTwoClustersTest::problems, this::isAway);
                }))
        .containsOnlyKeys("200 west-1");
    assertThat(east.replica().readiness()).startsWith("200");
    west.forNeighbours().mend();
    Until.seen("it is heard again", OneMeshOfTwoClustersTest::problems, text -> !this.isAway(text));
  }

  private boolean isAway(String problems) {
    return problems.contains("SLV7261");
  }

  @Test
  void aClusterLeavesAndJoinsWithItsSecret() throws Exception {
    var outcomes =
        sleep.during(
            () -> {
              east.client().delete(Manifest.read(SECRET));
              Until.seen("nobody serves", () -> sleep.call("/ip"), "503"::equals);
              exchange();
              served();
              return true;
            });
    assertThat(outcomes).containsOnlyKeys("200 west-1", "503");
  }

  @Test
  void whereBothServeNothingIsLostWhileOneLeavesAndJoins() throws Exception {
    Httpbin program = east.httpbinPod("east-2", "n1");
    try {
      east.httpbinEndpoints("east-2");
      Until.seen("east serves itself, too", () -> sleep.call("/ip"), "200 east-2"::equals);
      var outcomes =
          sleep.during(
              () -> {
                east.client().delete(Manifest.read(SECRET));
                Until.seen(
                    "only east serves",
                    () -> sleep.during(() -> true).keySet().toString(),
                    "[200 east-2]"::equals);
                exchange();
                return Until.seen(
                    "west serves again", () -> sleep.call("/ip"), "200 west-1"::equals);
              });
      assertThat(outcomes).containsOnlyKeys("200 east-2", "200 west-1");
    } finally {
      east.httpbinEndpoints();
      served();
      program.close();
      east.deletePod("east-2");
    }
  }

  @Test
  void otherCredentialsTakeOverUnderTraffic() throws Exception {
    RemoteCluster before = neighbour();
    assertThat(
            sleep.during(
                () -> {
                  exchange();
                  return Until.seen(
                      "west by other credentials",
                      OneMeshOfTwoClustersTest::neighbour,
                      now -> !now.equals(before));
                }))
        .containsOnlyKeys("200 west-1");
  }

  private static RemoteCluster neighbour() {
    return east.replica().plane().workloads().neighbour("west").orElseThrow();
  }

  @Test
  void theOwnRegionIsPreferredAndTheOtherClusterTakesOver() throws Exception {
    String failover =
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: httpbin, namespace: sample}
        spec:
          host: httpbin.sample.svc.cluster.local
          trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 600s}}
        """;
    Httpbin program = east.httpbinPod("east-1", "n1");
    try {
      east.httpbinEndpoints("east-1");
      Until.seen("east serves itself, too", () -> sleep.call("/ip"), "200 east-1"::equals);
      east.client().apply(failover);
      Until.seen(
          "only east serves itself",
          () -> sleep.during(() -> true).keySet().toString(),
          "[200 east-1]"::equals);
      assertThat(sleep.during(() -> true)).containsOnlyKeys("200 east-1");

      assertThat(
              sleep.during(
                  () -> {
                    east.httpbinEndpoints();
                    served();
                    return true;
                  }))
          .as("the last local endpoint goes")
          .containsOnlyKeys("200 east-1", "200 west-1");

      east.httpbinEndpoints("east-1");
      Until.seen("east serves itself again", () -> sleep.call("/ip"), "200 east-1"::equals);
      program.close();
      Until.seen("the local endpoint is set aside", () -> sleep.call("/ip"), "200 west-1"::equals);
      assertThat(sleep.during(() -> true)).containsOnlyKeys("200 west-1");
    } finally {
      east.httpbinEndpoints();
      east.client().delete(Manifest.read(failover));
    }
    served();
  }

  @Test
  void aTokenIsJudgedByTheClusterThatItsCallerNames() throws Exception {
    String token = west.token("west-1", "httpbin");
    assertThat(east.certified(token, "west")).isEqualTo("spiffe://it.mesh/ns/sample/sa/httpbin");
    assertThat(east.certified(token, "west")).as("twice, by what is known").startsWith("spiffe:");
    assertThatThrownBy(() -> east.certified(token, "east")).hasMessageContaining("UNAUTHENTICATED");
    assertThatThrownBy(() -> east.certified(token, "")).hasMessageContaining("UNAUTHENTICATED");
    assertThatThrownBy(() -> east.certified(token, "north")).hasMessageContaining("SLV7263");
  }

  @Test
  void whatCannotBeUsedIsToldAndTheOthersGoOn() throws Exception {
    String bad =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: bad, namespace: istio-system, labels: {istio/multiCluster: "true"}}
        stringData:
          north: "clusters: [{name: n, cluster: {server: 'https://127.0.0.1:1'}}]\\nusers: [{name: n, user: {exec: {command: touch, apiVersion: client.authentication.k8s.io/v1}}}]\\ncontexts: [{name: n, context: {cluster: n, user: n}}]\\ncurrent-context: n"
          south: "{clusters: [{name: s, cluster: {server: 'https://127.0.0.1:%d'}}], users: [{name: s, user: {token: t}}], contexts: [{name: s, context: {cluster: s, user: s}}], current-context: s}"
          west: "{}"
          east: "{}"
        """
            .formatted(west.forNeighbours().port());
    try {
      assertThat(
              sleep.during(
                  () -> {
                    east.client().apply(bad);
                    return Until.seen(
                        "east says it",
                        OneMeshOfTwoClustersTest::problems,
                        text ->
                            text.contains("exec, which would run a program")
                                && text.contains("cluster south")
                                && text.contains("SLV7262"));
                  }))
          .containsOnlyKeys("200 west-1");
      assertThat(east.replica().plane().workloads().neighbours()).containsExactly("west");
    } finally {
      east.client().delete(Manifest.read(bad));
    }
    Until.seen(
        "nothing is amiss", OneMeshOfTwoClustersTest::problems, text -> !text.contains("SLV726"));
  }
}
