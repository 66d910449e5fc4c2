package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fix;
import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ObjectNode;

class AccessChecksTest {
  @TestFactory
  Stream<DynamicTest> theClusterAnswers() {
    return Broken.onBoth(
        passes(
            "it answers", "SLV0001", "https://10.0.0.1:6443 answers (Kubernetes v1.34.0)", f -> {}),
        fails(
            "it does not",
            "SLV0001",
            "https://10.0.0.1:6443: connect timed out",
            f -> f.reached = Look.unseen("connect timed out")),
        fails(
            "it refuses the credentials",
            "SLV0001",
            "401",
            f -> f.reached = Look.unseen("401 Unauthorized")));
  }

  @TestFactory
  Stream<DynamicTest> rightsAreEnough() {
    return Broken.onBoth(
        passes("nothing is forbidden", "SLV0002", "nothing was forbidden", f -> {}),
        warns(
            "nodes may not be read",
            "SLV0002",
            "you may not: list nodes -A",
            f -> f.unseen(Kind.NODE)));
  }

  /** Applied once, and bound, it has to be enough. */
  @Test
  void theRoleThatIsOfferedNamesPathsAndSubresources() {
    Fixture fixture = Fixtures.istio();
    fixture.tokenKeys = new Look.Unseen<>("forbidden", Optional.of("get /openid/v1/jwks"));
    fixture.logs =
        new Look.Unseen<>("forbidden", Optional.of("get pods --subresource=log -n istio-system"));
    Fix offered =
        Fixtures.diagnosis(Fixtures.evidence(fixture)).results().stream()
            .filter(one -> one.code().equals("SLV0002"))
            .findFirst()
            .orElseThrow()
            .fix()
            .orElseThrow();
    assertThat(offered)
        .isInstanceOfSatisfying(
            Fix.Apply.class,
            apply ->
                assertThat(apply.object().path("rules").toString())
                    .isEqualTo(
                        "[{\"nonResourceURLs\":[\"/openid/v1/jwks\"],\"verbs\":[\"get\"]},"
                            + "{\"apiGroups\":[\"\"],\"resources\":[\"pods/log\"],\"verbs\":[\"get\"]},"
                            + "{\"apiGroups\":[\"\"],\"resources\":[\"pods/portforward\"],"
                            + "\"verbs\":[\"create\",\"get\"]}]"));
  }

  @Test
  void aLeaderIsNotBlamedForThisMachinesClock() {
    Fixture fixture = Fixtures.selvage();
    fixture.clocks =
        Look.seen(
            List.of(
                new ClockReading(ClockReading.API_SERVER, seconds(-600), seconds(1)),
                new ClockReading("node/node-1", seconds(-600), seconds(20))));
    fixture.with(
        """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: selvage-control, namespace: istio-system}
        spec: {holderIdentity: selvage-1, renewTime: "%s"}
        """
            .formatted(Fixtures.NOW.minusSeconds(605)));
    assertThat(Fixtures.diagnosis(Fixtures.evidence(fixture)).results())
        .filteredOn(one -> one.status() == Status.FAIL || one.status() == Status.WARN)
        .extracting(Result::code)
        .containsExactly("SLV0004");
  }

  @TestFactory
  Stream<DynamicTest> theMeshIsKnown() {
    return Broken.onBoth(
        passes("it says what it is", "SLV0003", "trust domain cluster.local", f -> {}),
        fails("there is none", "SLV0003", "no mesh in east", f -> f.flavour = Look.seen(none())));
  }

  @TestFactory
  Stream<DynamicTest> itIsIstioUntilTheContrary() {
    return Broken.onIstio(
        skips(
            "Google runs it",
            "SLV0005",
            "Google runs this control plane",
            AccessChecksTest::managed),
        unknown(
            "it could not be seen",
            "SLV0003",
            "Deployments may not be listed",
            f -> f.flavour = Look.unseen("Deployments may not be listed")));
  }

  private static Flavour none() {
    return new Flavour(Flavour.Kind.NONE, "", "istio-system", List.of(), "cluster.local");
  }

  @TestFactory
  Stream<DynamicTest> clocksAgree() {
    return Broken.onBoth(
        passes("all are right", "SLV0004", "2 clocks within 60 s", f -> {}),
        fails(
            "a node is ahead",
            "SLV0004",
            "node/node-2 is 312 s ahead",
            f -> f.clocks = plus(f, new ClockReading("node/node-2", seconds(312), seconds(20)))),
        fails(
            "a node is behind",
            "SLV0004",
            "node/node-2 is 100 s behind",
            f -> f.clocks = plus(f, new ClockReading("node/node-2", seconds(-100), seconds(20)))),
        passes(
            "a node is off by less than can be measured",
            "SLV0004",
            "3 clocks",
            f -> f.clocks = plus(f, new ClockReading("node/node-2", seconds(70), seconds(20)))),
        fails(
            "this machine is wrong",
            "SLV0004",
            "this machine's clock is 300 s behind",
            f ->
                f.clocks =
                    Look.seen(
                        List.of(
                            new ClockReading("API server", seconds(300), seconds(1)),
                            new ClockReading("node/node-1", seconds(301), seconds(20))))),
        unknown(
            "none could be read",
            "SLV0004",
            "no clock could be read",
            f -> f.clocks = Look.seen(List.of())),
        unknown(
            "Leases may not be read",
            "SLV0004",
            "forbidden",
            f -> f.clocks = Look.unseen("forbidden")));
  }

  private static Look<List<ClockReading>> plus(Fixture fixture, ClockReading one) {
    return fixture.clocks.map(all -> Stream.concat(all.stream(), Stream.of(one)).toList());
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  @TestFactory
  Stream<DynamicTest> theControlPlaneIsUp() {
    return Broken.onBoth(
        passes("it is ready", "SLV0005", "ready", f -> {}),
        fails(
            "no replica is ready",
            "SLV0005",
            "0 of 1 replicas ready",
            deployment(json -> json.withObject("/status").put("readyReplicas", 0))),
        warns(
            "one of two is ready",
            "SLV0005",
            "1 of 2 replicas ready",
            deployment(json -> json.withObject("/spec").put("replicas", 2))),
        warns(
            "it restarted",
            "SLV0005",
            "restarted within the hour: OOMKilled",
            f ->
                f.change(
                    Kind.POD,
                    "istio-system",
                    plane(f) + "-6c9d7f5b8-p7p7p",
                    json ->
                        ((ObjectNode) json.at("/status/containerStatuses/0"))
                            .put("restartCount", 1)
                            .withObject("/lastState/terminated")
                            .put("reason", "OOMKilled")
                            .put("finishedAt", "2026-11-26T11:50:00Z"))),
        unknown(
            "Deployments may not be read",
            "SLV0005",
            "deployments",
            f -> f.unseen(Kind.DEPLOYMENT)));
  }

  /** The same workloads, their control plane elsewhere. */
  static void managed(Fixture fixture) {
    String service = plane(fixture);
    fixture.flavour =
        Look.seen(
            new Flavour(
                Flavour.Kind.ASM_MANAGED,
                "",
                "istio-system",
                List.of(new Flavour.Revision("asm-managed", "", service, Optional.empty())),
                "cluster.local"));
  }

  @TestFactory
  Stream<DynamicTest> versionsFit() {
    return Broken.onBoth(
        passes("all are of one", "SLV0006", "proxies", f -> {}),
        fails(
            "the control plane went ahead by three",
            "SLV0006",
            "3 proxies at",
            f -> f.flavour = f.flavour.map(is -> version(is, 4))),
        warns(
            "proxies are ahead",
            "SLV0006",
            "3 proxies at",
            f -> f.flavour = f.flavour.map(is -> version(is, -1))),
        unknown(
            "it does not say its version",
            "SLV0006",
            "does not say which version",
            f ->
                f.flavour =
                    f.flavour.map(
                        is ->
                            new Flavour(
                                is.kind(), "", is.namespace(), is.revisions(), is.trustDomain()))));
  }

  @Test
  void aProxyIsAsOldAsItsOwnRevision() {
    Fixture f = Fixtures.istio();
    f.flavour =
        f.flavour.map(
            is ->
                new Flavour(
                    is.kind(),
                    "1.31.0",
                    is.namespace(),
                    List.of(
                        new Flavour.Revision("canary", "istiod-canary", "istiod", Optional.empty()),
                        is.revisions().getFirst()),
                    is.trustDomain()));
    f.with(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: istiod-canary, namespace: istio-system}
        spec:
          selector: {matchLabels: {istio: canary}}
          template:
            metadata: {labels: {istio: canary}}
            spec: {containers: [{name: discovery, image: "docker.io/istio/pilot:1.31.0"}]}
        """);
    assertThat(Fixtures.diagnosis(f.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV0006"))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.status()).isEqualTo(Status.PASS);
              assertThat(result.summary()).contains("control plane 1.28, proxies [1.28]");
            });
  }

  /** Istio's 1.28 and Selvage's 0.1, moved on by some. */
  private static Flavour version(Flavour is, int by) {
    String[] numbers = is.version().split("\\.", -1);
    int minor = Integer.parseInt(numbers[1]) + by;
    return new Flavour(
        is.kind(),
        numbers[0] + "." + minor + ".0",
        is.namespace(),
        is.revisions(),
        is.trustDomain());
  }

  static Consumer<Fixture> deployment(Consumer<ObjectNode> change) {
    return f -> f.change(Kind.DEPLOYMENT, "istio-system", plane(f), change);
  }

  /** The Deployment's name, and the ServiceAccount's. */
  static String plane(Fixture fixture) {
    return fixture.flavour.found().orElseThrow().revisions().getFirst().service();
  }
}
