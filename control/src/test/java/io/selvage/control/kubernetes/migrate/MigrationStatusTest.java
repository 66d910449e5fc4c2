package io.selvage.control.kubernetes.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.control.kubernetes.migrate.Survey.ControlPod;
import io.selvage.control.kubernetes.migrate.Survey.Injection;
import io.selvage.control.kubernetes.migrate.Survey.Mesh;
import io.selvage.control.kubernetes.migrate.Survey.Owner;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import io.selvage.control.kubernetes.trust.TrustReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is to be done next. */
class MigrationStatusTest {
  private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
  private static final String OURS = "istio.io/rev=selvage";

  private final Map<String, Injection> namespaces = new TreeMap<>();
  private final List<Workload> workloads = new ArrayList<>();
  private List<ControlPod> istiods = List.of(new ControlPod("istiod-1", "default", T));

  private void namespace(String name, Plane plane, String labels) {
    namespaces.put(name, new Injection(labels, Optional.of(plane)));
  }

  private void pod(Plane plane, String namespace, Owner owner, String... asks) {
    String name = "%s-%d".formatted(owner.name(), workloads.size());
    workloads.add(new Workload(namespace, name, plane, T, owner, List.of(asks), false));
  }

  private void gateway(String namespace, String name) {
    Owner owner = new Owner("Deployment", name);
    workloads.add(new Workload(namespace, name + "-1", Plane.ISTIO, T, owner, List.of(), true));
  }

  private static Owner deployment(String name) {
    return new Owner("Deployment", name);
  }

  private MigrationStatus status() {
    return MigrationStatus.of(
        new Survey(
            T,
            "istio-system",
            new Mesh("it.mesh", List.of(), Optional.empty()),
            istiods,
            Map.of("selvage-1", new TrustReport.Entry("aa", List.of("aa"), List.of("it.mesh"))),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            namespaces,
            workloads));
  }

  @Test
  void aNamespaceMovesByTheLabelThatShutsOutAllOfIstiosSelectors() {
    namespace("pay", Plane.ISTIO, "istio-injection=enabled");
    pod(Plane.ISTIO, "pay", deployment("pay"), "sidecar.istio.io/inject=true");
    assertThat(status().next())
        .containsExactly(
            "kubectl label namespace pay --overwrite istio-injection- istio.io/rev=selvage");
  }

  @Test
  void eachKindThatMakesPodsIsRestartedAndOthersAreNamed() {
    namespace("pay", Plane.SELVAGE, OURS);
    pod(Plane.ISTIO, "pay", deployment("pay"));
    pod(Plane.ISTIO, "pay", new Owner("StatefulSet", "ledger"), "istio.io/rev=canary");
    pod(Plane.ISTIO, "pay", new Owner("DaemonSet", "log"), "sidecar.istio.io/inject=true");
    pod(Plane.ISTIO, "pay", new Owner("Job", "nightly"));
    pod(Plane.ISTIO, "pay", new Owner("Pod", "tool"));
    pod(Plane.SELVAGE, "pay", deployment("moved"));
    assertThat(status().next())
        .containsExactly(
            "kubectl -n pay rollout restart daemonset,deployment,statefulset",
            "namespace pay: until they are made anew, the Pods of Job nightly, Pod tool keep the sidecar that they have");
  }

  /** Istio's selectors hear them in a namespace that only our own label is on: again and again. */
  @Test
  void podsThatAskIstioThemselvesDoNotJustRestartForEver() {
    namespace("pay", Plane.SELVAGE, "selvage.io/injection=enabled");
    pod(Plane.ISTIO, "pay", deployment("pay"), "sidecar.istio.io/inject=true");
    assertThat(status().next())
        .containsExactly(
            "kubectl label namespace pay --overwrite istio-injection- istio.io/rev=selvage selvage.io/injection-",
            "kubectl -n pay rollout restart deployment");
  }

  @Test
  void podsThatAskNobodyThemselvesAreRestarted() {
    namespace("pay", Plane.SELVAGE, "selvage.io/injection=enabled");
    pod(Plane.ISTIO, "pay", deployment("pay"));
    assertThat(status().next()).containsExactly("kubectl -n pay rollout restart deployment");
  }

  @Test
  void backToIstioTooEachKindIsRestarted() {
    namespace("pay", Plane.ISTIO, "istio.io/rev=canary");
    pod(Plane.SELVAGE, "pay", new Owner("StatefulSet", "ledger"));
    assertThat(status().next())
        .contains("kubectl -n pay rollout restart statefulset")
        .noneMatch(step -> step.contains("label"));
  }

  @Test
  void inANamespaceThatSaysNothingTheTemplatesThatAskAreNamed() {
    pod(Plane.ISTIO, "tools", deployment("web"), "sidecar.istio.io/inject=true");
    pod(Plane.ISTIO, "tools", deployment("web"), "sidecar.istio.io/inject=true");
    pod(Plane.ISTIO, "tools", new Owner("CronJob", "tidy"), "istio.io/rev=canary");
    assertThat(status().next())
        .containsExactly(
            "kubectl -n tools patch deployment web --type merge -p '{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"istio.io/rev\":\"selvage\"}}}}}'",
            "label istio.io/rev=selvage in the Pod template of CronJob tidy in namespace tools");
  }

  @Test
  void ofManyTemplatesTheFirstAreNamed() {
    for (int i = 0; i < 9; i++) {
      pod(Plane.ISTIO, "tools", deployment("web" + i), "istio.io/rev=canary");
    }
    assertThat(status().next())
        .hasSize(4)
        .last()
        .isEqualTo("the same for 6 more of namespace tools");
  }

  @Test
  void podsThatAreInjectedByDefaultMoveWithTheirNamespace() {
    pod(Plane.ISTIO, "tools", deployment("web"));
    assertThat(status().next())
        .containsExactly(
            "kubectl label namespace tools --overwrite istio-injection- istio.io/rev=selvage");
  }

  @Test
  void gatewaysStayAndTheirNamespaceIsNotMoved() {
    namespace("ingress", Plane.ISTIO, "istio-injection=enabled");
    gateway("ingress", "istio-ingressgateway");
    assertThat(status().next())
        .containsExactly("istiod has gateways alone (1 Pods), which need it and stay");
    pod(Plane.ISTIO, "ingress", deployment("oauth"));
    assertThat(status().next())
        .singleElement()
        .asString()
        .contains("namespace ingress has gateways (Deployment istio-ingressgateway)");
    namespace("pay", Plane.ISTIO, "istio-injection=enabled");
    pod(Plane.ISTIO, "pay", deployment("pay"));
    assertThat(status().next())
        .containsExactly(
            "kubectl label namespace pay --overwrite istio-injection- istio.io/rev=selvage");
  }

  @Test
  void aNamespaceThatAsksForARevisionNobodyRunsIsFound() {
    istiods = List.of();
    namespace("pay", Plane.ISTIO, "istio.io/rev=canary");
    assertThat(status().findings())
        .singleElement()
        .asString()
        .contains("namespace pay", "istio.io/rev=canary", "no sidecar");
    namespace("pay", Plane.SELVAGE, OURS);
    assertThat(status().findings()).isEmpty();
  }

  private static Optional<Workload> surveyed(String yaml) {
    return SurveyedPod.workload(new KubernetesSerialization().unmarshal(yaml, Pod.class));
  }

  @Test
  void aPodIsOfItsDeploymentAndKeepsWhatItAsks() {
    assertThat(
            surveyed(
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: pay-5d9-x
                  namespace: pay
                  creationTimestamp: "2026-01-01T12:00:00Z"
                  labels: {pod-template-hash: 5d9, sidecar.istio.io/inject: "true"}
                  annotations: {sidecar.istio.io/status: '{"revision": "default"}'}
                  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: pay-5d9, uid: u, controller: true}]
                spec: {containers: [{name: istio-proxy, image: p, args: [proxy, sidecar]}]}
                """))
        .contains(
            new Workload(
                "pay",
                "pay-5d9-x",
                Plane.ISTIO,
                T,
                deployment("pay"),
                List.of("sidecar.istio.io/inject=true"),
                false));
  }

  @Test
  void aGatewayIsToldByWhatItsProxyIs() {
    assertThat(
            surveyed(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: in, namespace: ingress, creationTimestamp: "2026-01-01T12:00:00Z"}
                spec: {containers: [{name: istio-proxy, image: p, args: [proxy, router]}]}
                """))
        .contains(
            new Workload("ingress", "in", Plane.ISTIO, T, new Owner("Pod", "in"), List.of(), true));
    assertThat(
            surveyed(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: east-west, namespace: istio-system, creationTimestamp: "2026-01-01T12:00:00Z"}
                spec: {containers: [{name: istio-proxy, image: selvage, args: [proxy, --in-pod=router]}]}
                """))
        .isEmpty();
  }
}
