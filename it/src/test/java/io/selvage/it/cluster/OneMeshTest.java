package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Two clusters on different networks as one mesh: installed by one command, with an east-west
 * gateway each, and one service with Pods in both.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 200, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OneMeshTest {
  private static final String INJECTED = "{selvage.io/injection: enabled}";
  private static final String CLASSIC = "{sidecar.istio.io/nativeSidecar: 'false'}";
  private static final String WHO_SERVES =
      "-o /dev/null -w '%header{x-served-by}' http://httpbin.sample:8000/ip";
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String ONLY_ONE =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: only-others, namespace: sample}
      spec:
        selector: {matchLabels: {app: httpbin}}
        rules: [{from: [{source: {principals: [cluster.local/ns/sample/sa/somebody]}}]}]
      """;

  private final Opened opened = new Opened();
  private ClusterPair pair;
  private Selvage selvage;
  private String said = "";

  @BeforeAll
  @Timeout(value = 500, unit = TimeUnit.SECONDS)
  void install() throws Exception {
    try {
      pair = opened.add(ClusterPair.start(ClusterPair.Network.TWO));
      selvage = new Selvage(pair.kubeconfig());
      said = SelvageOfTwo.into(pair);
      pair.east()
          .kubectl()
          .apply(
              Application.namespace("sample", INJECTED)
                  + Application.sleep("sample")
                  + Application.service("sample"));
      pair.west()
          .kubectl()
          .apply(
              Application.namespace("sample", INJECTED)
                  + Application.sleep("sample")
                  + Application.httpbin("sample", CLASSIC, "west"));
      pair.east().kubectl().awaitRollout("sample", "sleep");
      pair.west().kubectl().awaitRollout("sample", "sleep");
      pair.west().kubectl().awaitRollout("sample", "httpbin");
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** {@code selvage COMMAND --context east --context west …}, and what it said. */
  private String ran(String command, String... more) {
    var line = new ArrayList<>(List.of(command, "--context", "east", "--context", "west"));
    line.addAll(List.of(more));
    line.add("--yes");
    return selvage.run(line.toArray(String[]::new)).well().out();
  }

  private String installed(String... more) {
    var line = new ArrayList<>(List.of(more));
    line.add("--image=" + SelvageImage.NAME);
    return ran("install", line.toArray(String[]::new));
  }

  @AfterAll
  void end() {
    opened.close();
  }

  /** The runbook's request from a Pod of {@code sleep}, word for word. */
  private static Tool.Ran asks(KubernetesCluster from, String container, String arguments) {
    return from.kubectl()
        .shell(
            """
            kubectl exec --context="${CTX}" -n sample -c %s "$(kubectl get pod --context="${CTX}" -n sample \
            -l app=sleep -o jsonpath={.items..metadata.name})" -- curl -sS -m 10 %s\
            """
                .formatted(container, arguments));
  }

  private String asksFromEast(String arguments) {
    return asks(pair.east(), "sleep", arguments).out();
  }

  private String servedBy() {
    return asksFromEast(WHO_SERVES);
  }

  /** Empty when two seconds have not been enough. */
  private String servedAtOnce() {
    return asksFromEast("-m 2 " + WHO_SERVES);
  }

  private String servedTenTimes() {
    return IntStream.range(0, 10).mapToObj(_ -> servedAtOnce()).collect(Collectors.joining());
  }

  @Test
  @Order(1)
  void answersInWestWhatIsAskedInEast() throws Exception {
    Until.seen("west answers", this::servedBy, "west"::equals);
    assertThat(asksFromEast("http://httpbin.sample:8000/headers"))
        .as("the two ends know each other, past both gateways")
        .contains("By=spiffe://cluster.local/ns/sample/sa/httpbin;")
        .contains("URI=spiffe://cluster.local/ns/sample/sa/sleep\"");
  }

  @Test
  @Order(2)
  void endsWithALookAtWhatItMadeInEachClusterAndAtBothTogether() {
    assertThat(said)
        .contains("east: all replicas are ready", "west: all replicas are ready")
        .contains("spiffe://cluster.local/ns/istio-system/sa/selvage")
        .contains("east, west trust the same root")
        .doesNotContain("SLV");
  }

  @Test
  @Order(3)
  void findsNothingToChangeWhenItIsRunAgainOrUpgraded() {
    assertThat(installed()).contains("Nothing to change.").doesNotContain("SLV");
    assertThat(ran("upgrade")).contains("Nothing to change.").doesNotContain("SLV");
  }

  @Test
  @Order(4)
  void resetsPlaintextInEitherClusterOnceMutualTlsIsStrict() throws Exception {
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      cluster.kubectl().apply(STRICT);
    }
    String url = "http://httpbin.sample:8000/ip";
    Until.seen(
        "plaintext is reset", () -> asks(pair.west(), "istio-proxy", url).exit(), is -> is == 56);
    assertThat(asks(pair.west(), "istio-proxy", url).err())
        .contains("curl: (56) Recv failure: Connection reset by peer");
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      assertThat(asks(cluster, "sleep", "-o /dev/null -w '%{http_code}' " + url).out())
          .as("%s", cluster)
          .isEqualTo("200");
    }
  }

  @Test
  @Order(5)
  void goesByTheGatewaySinceNothingElseLeadsThere() {
    var address =
        pair.west()
            .kubectl()
            .get("pods", "-n", "sample", "-l", "app=httpbin")
            .path("items")
            .get(0)
            .path("status")
            .path("podIP")
            .asString();
    assertThat(
            pair.east()
                .kubectl()
                .exec(
                    "sample",
                    "sleep",
                    "istio-proxy",
                    "curl",
                    "-sS",
                    "-m",
                    "2",
                    "http://" + address + ":8080/ip")
                .exit())
        .isNotZero();
  }

  @Test
  @Order(6)
  void bindsWestsWorkloadsByWestsPoliciesAlsoWhenEastCalls() throws Exception {
    Kubectl west = pair.west().kubectl();
    west.apply(ONLY_ONE);
    String ask = "-w ' %{http_code}' http://httpbin.sample:8000/ip";
    Until.seen("it is denied", () -> asksFromEast(ask), "RBAC: access denied 403"::equals);
    west.apply(ONLY_ONE.replace("sa/somebody", "sa/sleep"));
    Until.seen("it is allowed", this::servedBy, "west"::equals);
    west.delete(ONLY_ONE);
  }

  @Test
  @Order(7)
  void sharesOneServiceBetweenThePodsOfBoth() throws Exception {
    Kubectl east = pair.east().kubectl();
    east.apply(Application.httpbin("sample", "{}", "east"));
    east.awaitRollout("sample", "httpbin");
    Until.seen("east answers, too", this::servedBy, "east"::equals);
    Until.seen("and west still does", this::servedBy, "west"::equals);
  }

  @Test
  @Order(8)
  void answersAtHomeWhileTheOtherClusterIsOutOfReachAndIsWholeAgainAfterwards() throws Exception {
    pair.cut();
    try {
      // what is sent to west is lost: once that has been noticed, nothing more is
      Until.seen("east answers", this::servedAtOnce, "east"::equals);
      Until.seen("and again and again", this::servedTenTimes, "east".repeat(10)::equals);
    } finally {
      pair.mend();
    }
    Until.seen("west answers again", this::servedBy, "west"::equals);
  }

  @Test
  @Order(9)
  void leavesNothingInEitherOnceItIsUninstalledAndPurged() throws Exception {
    assertThat(ran("uninstall", "--purge")).contains("east", "west");
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      Until.seen(
          "nothing of it stays",
          () -> cluster.kubectl().shell(Application.WHAT_IS_INSTALLED).out(),
          ""::equals);
    }
  }
}
