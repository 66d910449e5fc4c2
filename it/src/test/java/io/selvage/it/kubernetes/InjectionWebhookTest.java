package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real API server asks about Pods, takes the patch, and finds the Pod valid that comes of it. */
@Tag("real")
final class InjectionWebhookTest {
  private static final String SERVICE = "selvage.istio-system.svc:443";
  private static final String WEBHOOK =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: selvage-sidecar-injector}
      webhooks:
      - name: namespace.sidecar-injector.selvage.io
        admissionReviewVersions: [v1]
        sideEffects: None
        failurePolicy: Fail
        reinvocationPolicy: IfNeeded
        timeoutSeconds: 5
        clientConfig: {service: {name: selvage, namespace: istio-system, path: /inject}}
        namespaceSelector: {matchExpressions: [{key: selvage.io/injection, operator: In, values: [enabled]}]}
        objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
        rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
      """;

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static ServiceRoutes services;
  private static Replica replica;

  @BeforeAll
  static void start() throws Exception {
    services = ALL.add(ServiceRoutes.open());
    cluster = ALL.add(Cluster.start(home, List.of(), services.environment()));
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: in, labels: {selvage.io/injection: enabled}}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: out}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: in}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: out}}
            """);
    replica = ALL.add(Replica.start("one", cluster.connect(cluster.gate()), TokenCheck.JWKS));
    Until.holds("it leads", replica::leads);
    services.route(SERVICE, replica.webhookPort());
    cluster.client().apply(WEBHOOK);
    Until.seen(
        "the API server calls the webhook",
        () -> refusal(pod("in", "probe", "{inject.istio.io/templates: none}", "")),
        told -> told.contains("SLV7240"));
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static JsonNode pod(String namespace, String name, String annotations, String more) {
    return Manifest.read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, namespace: %s, labels: {app: web}, annotations: %s}
            spec:
              serviceAccountName: web
              containers:
              - name: app
                image: app
                ports: [{containerPort: 8080, name: web}]
                readinessProbe: {httpGet: {path: /, port: web}}
                livenessProbe: {grpc: {port: 8080}}
                lifecycle: {preStop: {httpGet: {path: /bye, port: web}}}
            %s
            """
                .formatted(name, namespace, annotations, more))
        .getFirst();
  }

  /** Why the API server refuses it; empty when it doesn't. */
  private static String refusal(JsonNode pod) throws Exception {
    try {
      cluster.client().apply(List.of(pod));
      return "";
    } catch (KubeClient.Refused e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static JsonNode created(JsonNode pod) throws Exception {
    assertThat(refusal(pod)).isEmpty();
    return cluster.get(pod.toString());
  }

  private static List<String> names(JsonNode pod, String which) {
    return StreamSupport.stream(pod.path("spec").path(which).spliterator(), false)
        .map(container -> container.path("name").asString(""))
        .toList();
  }

  @Test
  void aNativeSidecarIsValid() throws Exception {
    JsonNode pod = created(pod("in", "native", "{}", ""));
    assertThat(names(pod, "initContainers")).containsExactly("istio-init", "istio-proxy");
    assertThat(names(pod, "containers")).containsExactly("app");
    JsonNode app = pod.path("spec").path("containers").get(0);
    assertThat(app.path("livenessProbe").path("httpGet").path("path").asString())
        .isEqualTo("/app-health/app/livez");
    assertThat(app.path("lifecycle").path("preStop").path("httpGet").path("path").asString())
        .isEqualTo("/app-lifecycle/app/prestopz");
  }

  @Test
  void aSidecarBesideItsApplicationIsValid() throws Exception {
    JsonNode pod =
        created(
            pod(
                "in",
                "beside",
                "{sidecar.istio.io/nativeSidecar: 'false', proxy.istio.io/config:"
                    + " 'holdApplicationUntilProxyStarts: true'}",
                ""));
    assertThat(names(pod, "initContainers")).containsExactly("istio-init");
    assertThat(names(pod, "containers")).containsExactly("istio-proxy", "app");
  }

  @Test
  void anOverrideThatTheApiServerHasCompletedIsValid() throws Exception {
    JsonNode pod =
        created(
            pod(
                "in",
                "override",
                "{}",
                "  - {name: istio-proxy, image: auto, resources: {requests: {cpu: 10m}}}"));
    JsonNode proxy = pod.path("spec").path("initContainers").get(1);
    assertThat(proxy.path("image").asString()).isEqualTo("localhost/selvage:it");
    assertThat(proxy.path("imagePullPolicy").asString()).isEqualTo("IfNotPresent");
    assertThat(proxy.path("resources").path("requests").path("cpu").asString()).isEqualTo("10m");
    assertThat(proxy.path("securityContext").path("runAsUser").asInt()).isEqualTo(1337);
  }

  @Test
  void aPodWhoseWishesCannotBeMetIsRefusedInWordsThatItsOwnerSees() throws Exception {
    assertThat(refusal(pod("in", "refused", "{sidecar.istio.io/interceptionMode: TPROXY}", "")))
        .contains("422")
        .contains(
            "SLV7240 no sidecar can be injected: annotation sidecar.istio.io/interceptionMode");
  }

  @Test
  void theMeshsSettingsHoldForEachPodThatSaysNothing() throws Exception {
    String map =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}";
    cluster
        .client()
        .apply(
            map
                + ", data: {mesh: 'defaultConfig: {holdApplicationUntilProxyStarts: true, statusPort: 16020}'}}");
    Until.holds(
        "the settings are read",
        () -> replica.plane().snapshot().meshConfig().sidecarDefaults().hold().isPresent());
    try {
      JsonNode pod = created(pod("in", "settled", "{sidecar.istio.io/nativeSidecar: 'false'}", ""));
      assertThat(names(pod, "containers")).containsExactly("istio-proxy", "app");
      JsonNode app = pod.path("spec").path("containers").get(1);
      assertThat(app.path("readinessProbe").path("httpGet").path("port").asInt()).isEqualTo(16020);
    } finally {
      cluster.client().apply(map + ", data: {mesh: ''}}");
    }
  }

  @Test
  void whileTheWebhookIsDownPodsThatWantASidecarAreNotMadeAndOthersAre() throws Exception {
    services.close(SERVICE);
    try {
      assertThat(refusal(pod("in", "unanswered", "{}", "")))
          .contains("failed calling webhook")
          .contains("namespace.sidecar-injector.selvage.io");
      assertThat(names(created(pod("out", "meanwhile", "{}", "")), "containers"))
          .containsExactly("app");
    } finally {
      services.route(SERVICE, replica.webhookPort());
    }
  }

  @Test
  void otherNamespacesAreLeftAlone() throws Exception {
    JsonNode pod = created(pod("out", "plain", "{sidecar.istio.io/interceptionMode: TPROXY}", ""));
    assertThat(names(pod, "containers")).containsExactly("app");
    assertThat(names(pod, "initContainers")).isEmpty();
  }
}
