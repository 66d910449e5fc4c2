package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Two clusters on different networks as one mesh: installed by one command, with an east-west
 * gateway each, and one service with Pods in both.
 */
@Tag("real")
@Timeout(value = 200, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OneMeshTest {
  private static final String INJECTED = "{selvage.io/injection: enabled}";
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

  @BeforeAll
  @Timeout(value = 500, unit = TimeUnit.SECONDS)
  void install() throws Exception {
    try {
      pair = opened.add(ClusterPair.start(ClusterPair.Network.TWO));
      SelvageOfTwo.into(pair);
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
                  + Application.httpbin("sample", "{}", "west"));
      pair.east().kubectl().awaitRollout("sample", "sleep");
      pair.west().kubectl().awaitRollout("sample", "httpbin");
      for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
        cluster.kubectl().awaitRollout("istio-system", "istio-eastwestgateway");
      }
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  @AfterAll
  void end() {
    opened.close();
  }

  private String asksFromEast(String arguments) {
    return pair.east()
        .kubectl()
        .shell(
            """
            kubectl exec --context="${CTX}" -n sample deploy/sleep -c sleep -- curl -sS -m 10 %s\
            """
                .formatted(arguments))
        .out();
  }

  private String servedBy() {
    return asksFromEast("-o /dev/null -w '%header{x-served-by}' http://httpbin.sample:8000/ip");
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
  @Order(3)
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
  @Order(4)
  void sharesOneServiceBetweenThePodsOfBoth() throws Exception {
    Kubectl east = pair.east().kubectl();
    east.apply(Application.httpbin("sample", "{}", "east"));
    east.awaitRollout("sample", "httpbin");
    Until.seen("east answers, too", this::servedBy, "east"::equals);
    Until.seen("and west still does", this::servedBy, "west"::equals);
  }

  @Test
  @Order(5)
  void answersAtHomeWhileTheOtherClusterIsOutOfReachAndIsWholeAgainAfterwards() throws Exception {
    pair.cut();
    try {
      Until.seen("east answers", this::servedBy, "east"::equals);
    } finally {
      pair.mend();
    }
    Until.seen("west answers again", this::servedBy, "west"::equals);
  }
}
