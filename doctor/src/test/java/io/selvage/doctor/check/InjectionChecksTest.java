package io.selvage.doctor.check;

import static io.selvage.doctor.check.AccessChecksTest.plane;
import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fix;
import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class InjectionChecksTest {
  private static final FixtureAuthority OTHER = FixtureAuthority.make();

  @TestFactory
  Stream<DynamicTest> whoAsksIsHeard() {
    return Broken.onBoth(
        passes("two namespaces ask", "SLV3001", "a webhook hears each", f -> {}),
        fails(
            "a namespace asks for a revision that is gone",
            "SLV3001",
            "ns later is labelled istio.io/rev=1-27, which no webhook hears",
            f -> namespace(f, "later", "istio.io/rev: 1-27")),
        fails(
            "a Pod asks for a revision that is gone",
            "SLV3001",
            "Pod default/alone is labelled istio.io/rev=1-27",
            f ->
                f.with(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: alone, namespace: default, labels: {istio.io/rev: 1-27}}
                    spec: {containers: [{name: app, image: "example/app:1"}]}
                    status: {phase: Running}
                    """)),
        unknown(
            "webhooks may not be read",
            "SLV3001",
            "mutatingwebhookconfigurations",
            f -> f.unseen(Kind.MUTATING_WEBHOOK)));
  }

  private static void namespace(Fixture fixture, String name, String label) {
    fixture.with(
        "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}"
            .formatted(name, label));
  }

  @TestFactory
  Stream<DynamicTest> bundlesVerifyWhatIsServed() {
    return Broken.onBoth(
        passes("all do", "SLV3002", "caBundles verify what is served", f -> {}),
        fails(
            "the last entry of the injector is empty",
            "SLV3002",
            "is empty",
            injector(hook -> ((ObjectNode) hook.path("clientConfig")).remove("caBundle"))),
        fails(
            "it is no PEM",
            "SLV3002",
            "cannot be read",
            injector(hook -> bundle(hook, "nonsense"))),
        fails(
            "it is another CA's",
            "SLV3002",
            "does not verify what",
            injector(hook -> bundle(hook, OTHER.root()))),
        fails(
            "the validator's is another CA's",
            "SLV3002",
            "does not verify what",
            f -> webhook(f, Kind.VALIDATING_WEBHOOK, hook -> bundle(hook, OTHER.root()))),
        fails(
            "what is served is for another name",
            "SLV3002",
            "is another server: its certificate is for elsewhere.istio-system.svc",
            f -> f.handshake(InjectionChecksTest::isWebhook, served(f.authority, "elsewhere"))),
        unknown(
            "no handshake could be made",
            "SLV3002",
            "were not compared: no handshake",
            f -> f.handshakes = Look.unseen("port-forward is forbidden")),
        unknown(
            "webhooks may not be read",
            "SLV3002",
            "webhooks could not be seen",
            f -> f.unseen(Kind.VALIDATING_WEBHOOK)),
        skips(
            "there are none",
            "SLV3002",
            "has no webhooks",
            f -> {
              f.cluster()
                  .objects()
                  .all(Kind.MUTATING_WEBHOOK)
                  .forEach(one -> f.without(Kind.MUTATING_WEBHOOK, "", one.name()));
              f.cluster()
                  .objects()
                  .all(Kind.VALIDATING_WEBHOOK)
                  .forEach(one -> f.without(Kind.VALIDATING_WEBHOOK, "", one.name()));
              for (String name : new String[] {"sample", "pay"}) {
                f.change(
                    Kind.NAMESPACE,
                    "",
                    name,
                    json -> json.withObject("/metadata").remove("labels"));
              }
            }));
  }

  private static boolean isWebhook(Handshake.Target target) {
    return target.purpose() == Handshake.Purpose.WEBHOOK;
  }

  private static Look<Handshake.Served> served(FixtureAuthority authority, String service) {
    return Look.seen(
        new Handshake.Served(authority.served(service), "TLSv1.3", "TLS_AES_256_GCM_SHA384", "h2"));
  }

  /** The last entry of the injector's configuration. */
  private static Consumer<Fixture> injector(Consumer<ObjectNode> change) {
    return f -> webhook(f, Kind.MUTATING_WEBHOOK, change);
  }

  private static void webhook(Fixture fixture, Kind kind, Consumer<ObjectNode> change) {
    String name = fixture.cluster().objects().all(kind).getFirst().name();
    fixture.change(
        kind,
        "",
        name,
        json -> {
          ArrayNode hooks = (ArrayNode) json.path("webhooks");
          change.accept((ObjectNode) hooks.get(hooks.size() - 1));
        });
  }

  private static void bundle(ObjectNode hook, String pem) {
    ((ObjectNode) hook.path("clientConfig"))
        .put("caBundle", Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aBundleIsMendedFromTheRootThatVerifies() {
    var fixture = Fixtures.istio();
    injector(hook -> bundle(hook, OTHER.root())).accept(fixture);
    Result found = found(fixture, "SLV3002");
    assertThat(found.fix()).get().isInstanceOf(Fix.Patch.class);
    var patch = (Fix.Patch) found.fix().orElseThrow();
    assertThat(patch.patch().at("/1/path").asString())
        .isEqualTo("/webhooks/3/clientConfig/caBundle");
    assertThat(patch.patch().at("/1/value").asString())
        .isEqualTo(
            Base64.getEncoder()
                .encodeToString(fixture.authority.root().getBytes(StandardCharsets.UTF_8)));
    assertThat(found.cause()).get().asString().contains("by pilot-discovery");
  }

  @Test
  void noRootIsPutInThatDoesNotVerify() {
    var fixture = Fixtures.istio();
    fixture.handshake(InjectionChecksTest::isWebhook, served(OTHER, "istiod"));
    assertThat(found(fixture, "SLV3002").fix()).isEmpty();
  }

  private static Result found(Fixture fixture, String code) {
    return Fixtures.diagnosis(fixture.evidence()).results().stream()
        .filter(one -> one.code().equals(code) && one.status() == Status.FAIL)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoWritesABundleBackIsNamed() {
    var fixture = Fixtures.istio();
    injector(hook -> bundle(hook, OTHER.root())).accept(fixture);
    fixture.change(
        Kind.MUTATING_WEBHOOK,
        "",
        "istio-sidecar-injector",
        json -> {
          var fields = json.at("/metadata/managedFields/0").deepCopy();
          ((ObjectNode) fields)
              .put("manager", "argocd-controller")
              .put("time", "2026-11-26T09:44:00Z");
          ((ArrayNode) json.at("/metadata/managedFields")).add(fields);
        });
    Result found = found(fixture, "SLV3003");
    assertThat(found.summary()).contains("last written by argocd-controller");
    assertThat(found.since()).contains(Instant.parse("2026-11-26T09:44:00Z"));
    assertThat(found.fix()).get().isInstanceOf(Fix.Command.class);
  }

  @Test
  void failuresToWriteABundleAreCounted() {
    var fixture = Fixtures.istio();
    injector(hook -> bundle(hook, OTHER.root())).accept(fixture);
    fixture.metric(
        "webhook_patch_failures_total",
        Map.of("name", "istio-sidecar-injector", "reason", "wrong_revision"),
        4);
    assertThat(codes(fixture)).containsExactly("SLV3002");
    fixture.metric(
        "webhook_patch_failures_total",
        Map.of("name", "istio-sidecar-injector", "reason", "webhook_update_failure"),
        7);
    assertThat(found(fixture, "SLV3003").summary()).contains("webhook_update_failure");
    fixture.log(
        Instant.parse("2026-11-26T11:44:02Z"),
        "error\twebhook\tpatching webhook istio-sidecar-injector failed: x is forbidden");
    assertThat(found(fixture, "SLV3003").cause()).get().asString().contains("SLV6001");
  }

  private static List<String> codes(Fixture fixture) {
    return Fixtures.diagnosis(fixture.evidence()).open();
  }

  @TestFactory
  Stream<DynamicTest> nothingHasToBeMended() {
    return Broken.onBoth(
        passes("no bundle is wrong", "SLV3003", "no caBundle has to be mended", f -> {}),
        unknown(
            "webhooks may not be read",
            "SLV3003",
            "webhooks could not be seen",
            f -> f.unseen(Kind.MUTATING_WEBHOOK)));
  }

  @TestFactory
  Stream<DynamicTest> webhooksAreReached() {
    return Broken.onBoth(
        passes("they are", "SLV3004", "have Pods behind them", f -> {}),
        fails(
            "no Pod is ready behind the Service",
            "SLV3004",
            "which has no ready Pod",
            f ->
                f.change(
                    Kind.ENDPOINT_SLICE,
                    "istio-system",
                    plane(f) + "-abcde",
                    json -> ((ObjectNode) json.at("/endpoints/0/conditions")).put("ready", false))),
        fails(
            "the Service has another port",
            "SLV3004",
            "calls port 443, which Service",
            f ->
                f.change(
                    Kind.SERVICE,
                    "istio-system",
                    plane(f),
                    json ->
                        json.at("/spec/ports")
                            .forEach(
                                port -> {
                                  if (port.path("port").asInt() == 443) {
                                    ((ObjectNode) port).put("port", 8443);
                                  }
                                }))),
        fails(
            "Pods could not be created",
            "SLV3004",
            "context deadline exceeded",
            f -> waiting(f).with(event("context deadline exceeded"))),
        passes(
            "who could not make a Pod has all that it wants",
            "SLV3004",
            "have Pods behind them",
            f -> f.with(event("connection refused"))),
        passes(
            "Pods could not be created an hour ago",
            "SLV3004",
            "have Pods behind them",
            f -> waiting(f).with(event("connection refused").replace("11:58", "10:58"))),
        passes(
            "who could not make a Pod was rolled out before, and wants none any more",
            "SLV3004",
            "have Pods behind them",
            f ->
                f.without(Kind.REPLICA_SET, "pay", "web-5d4f8c7b9")
                    .with(event("connection refused"))),
        passes(
            "who could not make a Pod has made one since",
            "SLV3004",
            "have Pods behind them",
            f ->
                waiting(f)
                    .with(event("connection refused"))
                    .with(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: web-5d4f8c7b9-late
                          namespace: pay
                          creationTimestamp: "2026-11-26T11:58:30Z"
                          ownerReferences: [{kind: ReplicaSet, name: web-5d4f8c7b9}]
                        status: {phase: Succeeded}
                        """)),
        unknown("Services may not be read", "SLV3004", "services", f -> f.unseen(Kind.SERVICE)));
  }

  @Test
  void aPodThatCouldNotBeCreatedIsToldWhereReplicaSetsMayNotBeRead() {
    Fixture fixture = Fixtures.istio().unseen(Kind.REPLICA_SET).with(event("connection refused"));
    assertThat(Fixtures.diagnosis(fixture.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV3004"))
        .anySatisfy(result -> assertThat(result.status()).isEqualTo(Status.FAIL));
  }

  private static Fixture waiting(Fixture fixture) {
    return fixture.change(
        Kind.REPLICA_SET,
        "pay",
        "web-5d4f8c7b9",
        json -> ((ObjectNode) json.at("/status")).put("replicas", 0));
  }

  private static String event(String why) {
    return """
        apiVersion: v1
        kind: Event
        metadata: {name: web.1, namespace: pay}
        involvedObject: {kind: ReplicaSet, namespace: pay, name: web-5d4f8c7b9}
        reason: FailedCreate
        firstTimestamp: "2026-11-26T10:50:00Z"
        lastTimestamp: "2026-11-26T11:58:00Z"
        message: 'Error creating: Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": %s'
        """
        .formatted(why);
  }

  @TestFactory
  Stream<DynamicTest> webhooksFailClosed() {
    return Broken.onBoth(
        passes("all do", "SLV3005", "fail closed", f -> {}),
        warns(
            "one lets Pods through",
            "SLV3005",
            "has failurePolicy Ignore",
            injector(hook -> hook.put("failurePolicy", "Ignore"))),
        fails(
            "two control planes hear one label",
            "SLV3005",
            "are injected by 2 control planes",
            InjectionChecksTest::second));
  }

  /** Another mesh's webhook that hears every namespace's label. */
  private static void second(Fixture fixture) {
    fixture.with(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: other, labels: {istio.io/rev: other}}
        webhooks:
        - name: namespace.sidecar-injector.example.org
          clientConfig: {service: {name: other, namespace: other, path: /inject}, caBundle: eA==}
          failurePolicy: Fail
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: pay}}
        """);
  }

  @TestFactory
  Stream<DynamicTest> podsHaveProxies() {
    return Broken.onBoth(
        passes("all have", "SLV3006", "3 Pods have a proxy, none lacks one", f -> {}),
        fails(
            "one has none",
            "SLV3006",
            "1 Pod of Deployment sample/late without a proxy",
            f -> f.with(late(""))),
        passes(
            "one wants none",
            "SLV3006",
            "3 Pods have a proxy",
            f ->
                f.with(
                    late("sidecar.istio.io/inject: 'false', ")
                        .replace("app: sleep", "app: other"))),
        unknown("Pods may not be read", "SLV3006", "pods", f -> f.unseen(Kind.POD)));
  }

  private static String late(String label) {
    return """
        apiVersion: v1
        kind: Pod
        metadata:
          name: late-77aa-zzz
          namespace: sample
          creationTimestamp: "2026-10-01T08:00:00Z"
          labels: {%sapp: sleep, pod-template-hash: 77aa}
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: late-77aa, controller: true}]
        spec: {serviceAccountName: sleep, containers: [{name: app, image: "example/app:1"}]}
        status: {phase: Running}
        """
        .formatted(label);
  }

  @TestFactory
  Stream<DynamicTest> sidecarAndAmbientDoNotOverlap() {
    return Broken.onBoth(
        passes("there is no ambient", "SLV3007", "no Pod is in ztunnel's hands", f -> {}),
        warns(
            "a namespace asks for both",
            "SLV3007",
            "ns sample asks for sidecars and for ambient",
            f ->
                f.change(
                    Kind.NAMESPACE,
                    "",
                    "sample",
                    json ->
                        json.withObject("/metadata/labels")
                            .put("istio.io/dataplane-mode", "ambient"))),
        unknown("Pods may not be read", "SLV3007", "pods", f -> f.unseen(Kind.POD)));
  }

  @Test
  void aPodInBothHandsIsFound() {
    var fixture = Fixtures.istio();
    fixture.change(
        Kind.POD,
        "sample",
        "httpbin-5d4f8c7b9-x2x2x",
        json ->
            json.withObject("/metadata/annotations")
                .put("ambient.istio.io/redirection", "enabled"));
    assertThat(found(fixture, "SLV3007").summary()).contains("has a sidecar and is in ztunnel's");
    assertThat(found(fixture, "SLV3007").fix())
        .isEqualTo(
            Optional.of(
                new Fix.Restart(
                    "restart Deployment sample/httpbin",
                    new ObjectRef("Deployment", "sample", "httpbin"))));
  }
}
