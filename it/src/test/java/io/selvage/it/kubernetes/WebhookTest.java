package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The webhooks that a real API server calls, and the roots by which it trusts their answers. */
@Tag("real")
final class WebhookTest {
  @TempDir static Path home;

  private static final String SERVED =
      "{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: 'selvage.io:mesh:roots'}}";

  private static final String SERVICE = "selvage.istio-system.svc:443";

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static ServiceRoutes services;
  private final Opened opened = new Opened();
  private Replica replica;

  @BeforeAll
  static void start() throws Exception {
    services = ALL.add(ServiceRoutes.open());
    cluster =
        ALL.add(
            Cluster.start(
                home,
                List.of(
                    "--feature-gates=ClusterTrustBundle=true",
                    "--runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true"),
                services.environment()));
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: pay}}");
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @BeforeEach
  void replica() throws Exception {
    replica = opened.add(Replica.start("one", cluster.connect(cluster.gate()), TokenCheck.JWKS));
    Until.holds("it leads", replica::leads);
    services.route(SERVICE, replica.webhookPort());
    cluster.client().apply(validator("selvage-validator", "selvage"));
    awaitBundles("selvage-validator", replica.roots());
    Until.seen(
        "the API server calls the webhook",
        () -> refusal(policy("p", "source.namespase")),
        told -> told.contains("SLV4202"));
  }

  @AfterEach
  void end() throws Exception {
    cluster.client().delete(Manifest.read(validator("selvage-validator", "selvage")));
    cluster.client().delete(List.of(policy("p", "source.namespace")));
    opened.close();
  }

  private static String validator(String name, String service) {
    return """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata: {name: %1$s}
    webhooks:
    - name: rev.validation.selvage.io
      admissionReviewVersions: [v1]
      sideEffects: None
      failurePolicy: Fail
      timeoutSeconds: 5
      clientConfig: {service: {name: %2$s, namespace: istio-system, path: /validate}}
      rules:
      - {apiGroups: [security.istio.io, networking.istio.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"]}
    - name: second.validation.selvage.io
      admissionReviewVersions: [v1]
      sideEffects: None
      failurePolicy: Fail
      clientConfig: {service: {name: %2$s, namespace: istio-system, path: /validate}}
      rules:
      - {apiGroups: [none.selvage.io], apiVersions: ["*"], operations: [CREATE], resources: ["*"]}
    """
        .formatted(name, service);
  }

  private static JsonNode policy(String name, String key) {
    return Manifest.read(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: %s, namespace: pay}
            spec: {action: DENY, rules: [{when: [{key: "%s", values: ["x"]}]}]}
            """
                .formatted(name, key))
        .getFirst();
  }

  private static List<String> bundles(String name) throws Exception {
    List<String> all = new ArrayList<>();
    for (JsonNode webhook : cluster.get(validator(name, "")).path("webhooks")) {
      all.add(webhook.path("clientConfig").path("caBundle").asString(""));
    }
    return all;
  }

  private static void awaitBundles(String name, String roots) throws Exception {
    String encoded = Base64.getEncoder().encodeToString(roots.getBytes(StandardCharsets.UTF_8));
    Until.seen("the bundles of " + name, () -> Set.copyOf(bundles(name)), Set.of(encoded)::equals);
  }

  /** The events about an object, by reason: note, count. */
  private static List<String> events(String reason) throws Exception {
    List<String> found = new ArrayList<>();
    for (JsonNode event :
        cluster.client().list("/apis/events.k8s.io/v1/namespaces/default/events")) {
      if (event.path("reason").asString("").equals(reason)) {
        found.add(event.path("note").asString(""));
      }
    }
    return found;
  }

  @Test
  void whatTheReaderRefusesIsNotStoredAndWarningsReachTheUser() throws Exception {
    assertThat(refusal(policy("p", "source.namespase")))
        .contains("422")
        .contains("SLV4202 spec.rules[0].when[0].key: ")
        .contains("did you mean ");
    cluster.client().apply(List.of(policy("p", "source.namespace")));
    assertThat(refusal(policy("p", "source.namespase"))).contains("SLV4202");
    cluster.client().delete(List.of(policy("p", "source.namespace")));
  }

  /** Why the API server refuses an object; empty when it doesn't. */
  private static String refusal(JsonNode object) throws Exception {
    try {
      cluster.client().apply(List.of(object));
      return "";
    } catch (KubeClient.Refused e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void whileTheWebhookIsDownPoliciesAreNeitherMadeNorChangedButDeleted() throws Exception {
    cluster.client().apply(List.of(policy("p", "source.namespace")));
    services.close(SERVICE);
    assertThat(refusal(policy("q", "source.namespace"))).contains("failed calling webhook");
    assertThatThrownBy(() -> cluster.client().apply(List.of(policy("p", "source.principal"))))
        .hasMessageContaining("failed calling webhook");
    Until.seen(
        "what is in force stays in force",
        () -> replica.plane().snapshot().problems(),
        List::isEmpty);
    cluster.client().delete(List.of(policy("p", "source.namespace")));
    services.route(SERVICE, replica.webhookPort());
    assertThat(refusal(policy("p", "source.principal"))).isEmpty();
  }

  @Test
  void aBundleThatIsEmptiedAHundredTimesIsRightEachTime() throws Exception {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      cluster.client().apply(withBundle("\"\""));
      long emptied = System.nanoTime();
      awaitBundles("selvage-validator", replica.roots());
      millis.add(Duration.ofNanos(System.nanoTime() - emptied).toMillis());
    }
    Collections.sort(millis);
    System.out.printf(
        "caBundle emptied %d times, right again after: median %d ms, 90th percentile %d ms, longest %d ms%n",
        millis.size(), millis.get(50), millis.get(90), millis.getLast());
    List<String> told =
        Until.seen("events tell of it", () -> events("CABundleRepaired"), all -> !all.isEmpty());
    assertThat(told.stream().filter(note -> note.contains("was empty")))
        .containsExactly(
            "SLV7236 the caBundle of webhook rev.validation.selvage.io was empty, written by it (Apply);"
                + " it holds the roots of the mesh's CA again");
    Until.holds("a series counts them", () -> mostRepeated() >= 100);
  }

  private static int mostRepeated() throws Exception {
    int most = 0;
    for (JsonNode event :
        cluster.client().list("/apis/events.k8s.io/v1/namespaces/default/events")) {
      most = Math.max(most, event.path("series").path("count").asInt(0));
    }
    return most;
  }

  private static String withBundle(String bundle) {
    return validator("selvage-validator", "selvage")
        .replaceFirst("/validate}", "/validate}, caBundle: " + bundle);
  }

  @Test
  void aBundleThatIsEmptiedWhileTheReplicaThatLeadsIsAwayIsRightAgain() throws Exception {
    try {
      cluster.client().apply(lease("one-that-is-dead", 3600));
      Until.holds("another replica leads", () -> !replica.leads());
      cluster.client().apply(withBundle("\"\""));
      awaitBundles("selvage-validator", replica.roots());
      assertThat(replica.leads()).isFalse();
    } finally {
      cluster.client().apply(lease("", 1));
    }
  }

  private static String lease(String holder, int seconds) {
    return """
    apiVersion: coordination.k8s.io/v1
    kind: Lease
    metadata: {name: selvage-control, namespace: istio-system}
    spec: {holderIdentity: "%s", leaseDurationSeconds: %d}
    """
        .formatted(holder, seconds);
  }

  @Test
  void wrongBundlesAreReplacedAndTheEventSaysWhatWasWrong() throws Exception {
    String other = Base64.getEncoder().encodeToString(otherRoot().getBytes(StandardCharsets.UTF_8));
    cluster.client().apply(withBundle(other));
    awaitBundles("selvage-validator", replica.roots());
    Until.seen(
        "an event tells of it",
        () -> events("CABundleRepaired"),
        all ->
            all.contains(
                "SLV7236 the caBundle of webhook rev.validation.selvage.io held another CA's certificates,"
                    + " written by it (Apply); it holds the roots of the mesh's CA again"));
  }

  @Test
  void aWebhookUnderAnotherNameThatCallsTheServiceIsKeptAndOthersAreLeftAlone() throws Exception {
    String others = validator("others", "istiod");
    String tag = validator("selvage-tag-canary", "selvage");
    try {
      cluster.client().apply(others);
      cluster.client().apply(tag);
      awaitBundles("selvage-tag-canary", replica.roots());
      assertThat(bundles("others")).containsOnly("");
    } finally {
      cluster.client().delete(Manifest.read(others));
      cluster.client().delete(Manifest.read(tag));
    }
  }

  @Test
  void aRotationPutsBothRootsIntoEveryPlace() throws Exception {
    replica.authority().beginRotation();
    assertThat(replica.authority().bundle().roots()).hasSize(2);
    awaitBundles("selvage-validator", replica.roots());
    Until.seen("the trust bundle", WebhookTest::trustBundle, replica.roots()::equals);
    replica.authority().switchSigning(Set.of());
    Until.seen(
        "the API server trusts the new certificate",
        () -> refusal(policy("p", "source.namespase")),
        told -> told.contains("SLV4202"));
    Until.seen(
        "an event tells of it",
        () ->
            cluster.client().list("/apis/events.k8s.io/v1/namespaces/istio-system/events").stream()
                .map(event -> event.path("reason").asString(""))
                .toList(),
        all -> all.contains("CertificateAuthorityChanged"));
  }

  private static String otherRoot() throws Exception {
    return Pem.of(
        CaCredentials.selfSigned(
                new CaProfile.Istiod("other"),
                KeyAlgorithm.DEFAULT,
                Duration.ofDays(1),
                InstantSource.system().instant(),
                new SecureRandom())
            .root());
  }

  private static String trustBundle() throws Exception {
    try {
      return cluster.get(SERVED).path("spec").path("trustBundle").asString("");
    } catch (KubeClient.Refused e) {
      return "";
    }
  }

  @Test
  void theTrustBundleIsKept() throws Exception {
    Until.seen("the trust bundle", WebhookTest::trustBundle, replica.roots()::equals);
    cluster.client().delete(Manifest.read(SERVED));
    Until.seen("it is there again", WebhookTest::trustBundle, replica.roots()::equals);
    cluster
        .client()
        .apply(
            SERVED
                .replace(
                    "roots'}}",
                    "roots'}, spec: {signerName: selvage.io/mesh, trustBundle: \"%s\"}}")
                .formatted(otherRoot().replace("\n", "\\n")));
    Until.seen("it is right again", WebhookTest::trustBundle, replica.roots()::equals);
  }
}
