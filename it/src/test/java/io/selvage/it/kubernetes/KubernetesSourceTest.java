package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.control.kubernetes.source.StatusWriter;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A real Kubernetes API as the source of a mesh. */
@Tag("real")
final class KubernetesSourceTest {
  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private final Opened opened = new Opened();
  private final AtomicReference<MeshSnapshot> snapshot = new AtomicReference<>(MeshSnapshot.EMPTY);
  private final Workloads workloads = new Workloads("it");

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: pay}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            """);
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @AfterEach
  void end() throws Exception {
    opened.close();
    cluster.client().delete(List.of(policy("p", ""), policy("q", "")));
  }

  private static JsonNode policy(String name, String condition) {
    return Manifest.read(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: %s, namespace: pay}
            spec: {action: DENY, rules: [{when: [{key: "%s", values: ["x"]}]}]}
            """
                .formatted(name, condition.isEmpty() ? "source.namespace" : condition))
        .getFirst();
  }

  private Gate watched() throws Exception {
    Gate gate = cluster.gate();
    KubernetesClient client = cluster.connect(gate);
    StatusWriter statuses =
        opened.add(new StatusWriter(client, () -> true, InstantSource.system()));
    KubernetesSource source =
        opened.add(
            KubernetesSource.of(
                client, Cluster.ROOT, workloads, statuses, Revisions.of(List.of(), true)));
    source.start(snapshot::set);
    return gate;
  }

  private void awaitPolicies(String... names) throws Exception {
    Until.seen(
        "the policies are " + List.of(names),
        () ->
            snapshot.get().all(AuthorizationPolicy.class).stream()
                .map(policy -> policy.meta().name())
                .sorted()
                .toList(),
        List.of(names)::equals);
  }

  private void awaitProblem(String code, boolean wanted) throws Exception {
    Until.seen(
        code + " is " + (wanted ? "told" : "not told any more"),
        () -> snapshot.get().problems().stream().map(Problem::toString).toList(),
        problems -> problems.stream().anyMatch(told -> told.contains(code)) == wanted);
  }

  private static JsonNode accepted(JsonNode object) throws Exception {
    for (JsonNode condition : cluster.client().get(object).path("status").path("conditions")) {
      if (condition.path("type").asString().equals("Accepted")) {
        return condition;
      }
    }
    return object.path("none");
  }

  private static void awaitAccepted(JsonNode object, String status, String message)
      throws Exception {
    JsonNode condition =
        Until.seen(
            "Accepted is " + status,
            () -> accepted(object),
            now ->
                now.path("status").asString("").equals(status)
                    && now.path("message").asString("").contains(message));
    assertThat(condition.path("observedGeneration").asLong())
        .isEqualTo(cluster.client().get(object).path("metadata").path("generation").asLong());
  }

  @Test
  void whatIsThereIsInTheFirstSnapshotAndChangesFollow() throws Exception {
    cluster.client().apply(List.of(policy("p", "")));
    watched();
    assertThat(snapshot.get().all(AuthorizationPolicy.class))
        .extracting(policy -> policy.meta().at().toString())
        .containsExactly("AuthorizationPolicy pay/p");
    cluster.client().apply(List.of(policy("q", "")));
    awaitPolicies("p", "q");
    cluster.client().delete(List.of(policy("p", "")));
    awaitPolicies("q");
    awaitAccepted(policy("q", ""), "True", "");
  }

  @Test
  void aRefusedChangeLeavesTheLastGoodInForceAndItsStatusSaysSo() throws Exception {
    cluster.client().apply(List.of(policy("p", "")));
    watched();
    awaitAccepted(policy("p", ""), "True", "");
    AuthorizationPolicy good = snapshot.get().all(AuthorizationPolicy.class).getFirst();
    cluster.client().apply(List.of(policy("p", "source.namespase")));
    awaitProblem("SLV4202", true);
    assertThat(snapshot.get().all(AuthorizationPolicy.class)).containsExactly(good);
    awaitAccepted(policy("p", ""), "False", "SLV4202 spec.rules[0].when[0].key: ");
    assertThat(accepted(policy("p", "")).path("message").asString())
        .contains("did you mean \"source.namespace\"?", "its last good version stays in force");
    cluster.client().apply(List.of(policy("p", "")));
    awaitProblem("SLV4202", false);
    awaitAccepted(policy("p", ""), "True", "");
  }

  @Test
  void whatIsMeantForAnotherControlPlaneIsNotInForce() throws Exception {
    cluster.client().apply(List.of(policy("p", ""), labelled(policy("q", ""), "1-24")));
    watched();
    awaitPolicies("p");
    awaitProblem("SLV7225", true);
    awaitAccepted(policy("p", ""), "True", "");
    assertThat(accepted(policy("q", "")).isMissingNode()).as("its status is the other's").isTrue();
    cluster.client().apply(List.of(labelled(policy("p", ""), "1-24")));
    awaitPolicies();
    awaitAccepted(policy("p", ""), "False", "SLV7225 ");
    cluster.client().apply(List.of(labelled(policy("q", ""), "default")));
    awaitPolicies("q");
    awaitAccepted(policy("q", ""), "True", "");
  }

  private static JsonNode labelled(JsonNode object, String revision) {
    ((ObjectNode) object.path("metadata")).putObject("labels").put("istio.io/rev", revision);
    return object;
  }

  @Test
  void whatIsRefusedAtTheBeginningDeniesUntilItIsMended() throws Exception {
    cluster.client().apply(List.of(policy("p", "source.namespase")));
    watched();
    awaitProblem("SLV4207", true);
    assertThat(snapshot.get().all(AuthorizationPolicy.class))
        .singleElement()
        .satisfies(
            denial -> {
              assertThat(denial.action()).isEqualTo(AuthorizationPolicy.Action.ALLOW);
              assertThat(denial.rules()).isEmpty();
              assertThat(denial.meta().namespace()).isEqualTo("pay");
            });
    cluster.client().apply(List.of(policy("p", "")));
    awaitPolicies("p");
    awaitProblem("SLV4207", false);
  }

  @Test
  void anApiServerThatIsAwayChangesNothingAndIsToldOf() throws Exception {
    cluster.client().apply(List.of(policy("p", "")));
    Gate gate = watched();
    gate.cut();
    awaitProblem("SLV7220", true);
    awaitPolicies("p");
    cluster.client().apply(List.of(policy("q", "")));
    cluster.client().delete(List.of(policy("p", "")));
    awaitPolicies("p");
    gate.mend();
    awaitPolicies("q");
    awaitProblem("SLV7220", false);
  }

  @Test
  void aCompactedHistoryIsReadAnew() throws Exception {
    cluster.client().apply(List.of(policy("p", "")));
    Gate gate = watched();
    gate.cut();
    awaitProblem("SLV7220", true);
    cluster.client().delete(List.of(policy("p", "")));
    cluster.client().apply(List.of(policy("q", "")));
    cluster.api().stopServer();
    cluster.api().compact();
    cluster.api().startServer();
    gate.mend();
    awaitPolicies("q");
    awaitProblem("SLV7220", false);
    cluster.client().apply(List.of(policy("p", "")));
    awaitPolicies("p", "q");
  }

  @Test
  void podsAreWorkloadsAndSlicesSayWhoIsReady() throws Exception {
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: Node, metadata: {name: n1, labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z}}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: shop, labels: {app: web, security.istio.io/tlsMode: istio}}
            spec:
              serviceAccountName: web
              nodeName: n1
              containers: [{name: app, image: app, ports: [{name: http-in, containerPort: 8080}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http-in}]}
            """);
    watched();
    assertThat(workloads.instances()).isEmpty(); // it has no address yet
    cluster.client().status(running("10.1.1.1", "Running"));
    Until.seen("the pod is a workload", workloads::instances, all -> all.size() == 1);
    assertThat(workloads.instances().getFirst())
        .satisfies(
            pod -> {
              assertThat(pod.serviceAccount()).isEqualTo("web");
              assertThat(pod.locality()).isEqualTo("r/z");
              assertThat(pod.ports()).containsEntry("http-in", 8080);
              assertThat(pod.hasProxy()).isTrue();
            });
    cluster.client().apply(slice(false));
    Until.holds("nobody is ready", () -> endpoints().isEmpty());
    assertThat(services().inboundPorts(workloads.instances().getFirst()))
        .extracting(port -> port.number())
        .containsExactly(8080);
    cluster.client().apply(slice(true));
    Until.seen("one is ready", this::endpoints, List.of("10.1.1.1:8080")::equals);
    cluster.client().status(running("10.1.1.1", "Succeeded"));
    Until.holds("the pod is over", () -> workloads.instances().isEmpty());
  }

  private static JsonNode running(String address, String phase) {
    return Manifest.read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: shop}
            status: {phase: %s, podIP: %s, podIPs: [{ip: %2$s}]}
            """
                .formatted(phase, address))
        .getFirst();
  }

  private static String slice(boolean ready) {
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    endpoints:
    - addresses: [10.1.1.1]
      conditions: {ready: %s}
      targetRef: {kind: Pod, name: web-1, namespace: shop}
    ports: [{name: http, port: 8080}]
    """
        .formatted(ready);
  }

  private ServiceRegistry services() {
    return ServiceRegistry.of(snapshot.get(), workloads.all());
  }

  private List<String> endpoints() {
    return services().endpoints("web.shop.svc.cluster.local", 80).stream()
        .map(endpoint -> endpoint.address() + ":" + endpoint.port())
        .toList();
  }

  @Test
  void theMeshSettingsAreThoseOfTheConfigMap() throws Exception {
    watched();
    String map =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data: {mesh: "trustDomain: it.kube"}
        """;
    cluster.client().apply(map);
    Until.seen(
        "the trust domain", () -> snapshot.get().meshConfig().trustDomain(), "it.kube"::equals);
    cluster.client().delete(Manifest.read(map));
    Until.seen(
        "the trust domain",
        () -> snapshot.get().meshConfig().trustDomain(),
        "cluster.local"::equals);
  }
}
