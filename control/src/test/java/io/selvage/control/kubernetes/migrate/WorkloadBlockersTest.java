package io.selvage.control.kubernetes.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.migrate.Blockers.Blocker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What of workloads is told before a migration. */
class WorkloadBlockersTest {
  private static final String LEVEL = "pod-security.kubernetes.io/enforce";
  private static final WorkloadBlockers BLOCKERS =
      new WorkloadBlockers(
          InjectionSettings.standard("selvage", "selvage.istio-system.svc:15012"),
          new IstioSelectors(false),
          Map.of(
              "pay",
              Map.of("istio-injection", "enabled"),
              "shop",
              Map.of("istio.io/rev", "canary", LEVEL, "baseline"),
              "moved",
              Map.of("istio.io/rev", "selvage", LEVEL, "privileged"),
              "tools",
              Map.of()));

  private static ObjectNode deployment(String namespace, String labels, String annotations) {
    return read(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: %s}
        spec:
          template:
            metadata: {labels: {%s}, annotations: {%s}}
            spec: {containers: [{name: app, image: app}]}
        """
            .formatted(namespace, labels, annotations));
  }

  private static ObjectNode read(String yaml) {
    return (ObjectNode) ClusterYaml.read(yaml).getFirst();
  }

  private static List<String> of(ObjectNode object) {
    return BLOCKERS.of(object).stream()
        .map(one -> (one.blocks() ? "× " : "! ") + one.effect())
        .toList();
  }

  @Test
  void whatInjectionRefusesAndPassesOverIsTold() {
    assertThat(of(deployment("pay", "", "sidecar.istio.io/interceptionMode: TPROXY")))
        .singleElement()
        .asString()
        .startsWith("× SLV7240 ")
        .contains("interceptionMode", "TPROXY");
    assertThat(of(deployment("shop", "", "sidecar.istio.io/bootstrapOverride: mine")))
        .singleElement()
        .asString()
        .startsWith("! SLV7242 ")
        .contains("bootstrapOverride");
    assertThat(of(deployment("pay", "", ""))).isEmpty();
  }

  @Test
  void ofWhomTheyAreIsTold() {
    assertThat(BLOCKERS.of(deployment("pay", "", "sidecar.istio.io/interceptionMode: TPROXY")))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.namespace()).isEqualTo("pay");
              assertThat(one.kind()).isEqualTo("Deployment");
              assertThat(one.name()).isEqualTo("web");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"moved", "tools", "elsewhere"})
  void whomIstioDoesNotInjectIsNotJudged(String namespace) {
    assertThat(of(deployment(namespace, "", "sidecar.istio.io/interceptionMode: TPROXY")))
        .isEmpty();
  }

  @Test
  void aPodThatWantsNoSidecarIsNotJudged() {
    assertThat(
            of(
                deployment(
                    "pay",
                    "sidecar.istio.io/inject: 'false'",
                    "sidecar.istio.io/interceptionMode: TPROXY")))
        .isEmpty();
  }

  @Test
  void aTemplateThatAsksIstioItselfIsNamed() {
    assertThat(of(deployment("tools", "istio.io/rev: canary", "")))
        .singleElement()
        .asString()
        .startsWith("! ")
        .contains("istio.io/rev=canary", "istio.io/rev=selvage");
    assertThat(of(deployment("pay", "istio.io/rev: canary", "")))
        .as("its namespace is moved, and it with it")
        .isEmpty();
  }

  @Test
  void aGatewayStays() {
    ObjectNode gateway =
        deployment(
            "tools", "sidecar.istio.io/inject: 'true'", "inject.istio.io/templates: gateway");
    assertThat(BLOCKERS.couldMove(gateway)).isFalse();
    assertThat(BLOCKERS.couldMove(deployment("tools", "sidecar.istio.io/inject: 'true'", "")))
        .isTrue();
    assertThat(of(gateway)).singleElement().asString().startsWith("! a gateway");
  }

  @Test
  void aSidecarThatIsWrittenInTheTemplateIsInTheWay() {
    assertThat(
            of(
                read(
                    """
                    apiVersion: apps/v1
                    kind: StatefulSet
                    metadata: {name: db, namespace: pay}
                    spec:
                      template:
                        metadata: {annotations: {sidecar.istio.io/status: '{}'}}
                        spec: {containers: [{name: app, image: app}, {name: istio-proxy, image: proxyv2}]}
                    """)))
        .singleElement()
        .asString()
        .startsWith("× ")
        .contains("kube-inject");
  }

  @ParameterizedTest
  @CsvSource({
    "128Mi, true",
    "0.2G, true",
    "255Mi, true",
    "256Mi, false",
    "1Gi, false",
    "300000000, false"
  })
  void aSidecarThatWouldHaveTooLittleMemoryIsTold(String limit, boolean told) {
    List<String> found = of(deployment("pay", "", "sidecar.istio.io/proxyMemoryLimit: " + limit));
    assertThat(found)
        .hasSize(told ? 1 : 0)
        .allMatch(one -> one.startsWith("! SLV7242 container istio-proxy: a memory limit"));
  }

  private static ObjectNode job(String metadata, String status) {
    return read(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: nightly, namespace: pay%s}
        spec:
          template:
            metadata: {annotations: {sidecar.istio.io/interceptionMode: TPROXY}}
            spec: {containers: [{name: app, image: app}]}
        status: {%s}
        """
            .formatted(metadata, status));
  }

  @Test
  void aJobIsJudgedUntilItIsOver() {
    assertThat(of(job("", ""))).hasSize(1);
    assertThat(of(job("", "conditions: [{type: Suspended, status: 'True'}]"))).hasSize(1);
    assertThat(of(job("", "conditions: [{type: Complete, status: 'True'}]"))).isEmpty();
    assertThat(of(job(", ownerReferences: [{kind: CronJob, controller: true}]", ""))).isEmpty();
  }

  @Test
  void theTemplateOfACronJobIsFound() {
    assertThat(
            of(
                read(
                    """
                    apiVersion: batch/v1
                    kind: CronJob
                    metadata: {name: nightly, namespace: pay}
                    spec:
                      jobTemplate:
                        spec:
                          template:
                            metadata: {annotations: {sidecar.istio.io/interceptionMode: TPROXY}}
                            spec: {containers: [{name: app, image: app}]}
                    """)))
        .hasSize(1);
  }

  @Test
  void aPodSecurityLevelThatForbidsTheInitContainerIsTold() {
    assertThat(BLOCKERS.ofNamespace("shop"))
        .hasValueSatisfying(
            one -> {
              assertThat(one.blocks()).isTrue();
              assertThat(one.name()).isEqualTo("shop");
              assertThat(one.effect()).contains(LEVEL + "=baseline", "NET_ADMIN");
            });
    assertThat(BLOCKERS.ofNamespace("pay")).isEmpty();
    assertThat(BLOCKERS.ofNamespace("moved")).isEmpty();
  }

  @Test
  void equalLinesOfManyWorkloadsAreOne() {
    List<Blocker> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(new Blocker("pay", "Deployment", "web-" + i, false, "SLV7242 x"));
    }
    all.add(new Blocker("pay", "StatefulSet", "db", false, "SLV7242 x"));
    all.add(new Blocker("pay", "VirtualService", "a", true, "routes"));
    all.add(new Blocker("pay", "VirtualService", "b", true, "routes"));
    assertThat(BlockerGroup.of(all))
        .containsExactly(
            new BlockerGroup(
                "pay", "Deployment", "web-0, web-1, web-2 and 197 more", false, "SLV7242 x"),
            new BlockerGroup("pay", "StatefulSet", "db", false, "SLV7242 x"),
            new BlockerGroup("pay", "VirtualService", "a", true, "routes"),
            new BlockerGroup("pay", "VirtualService", "b", true, "routes"));
    all.add(new Blocker("shop", "Deployment", "web", false, "SLV7242 x"));
    assertThat(BlockerGroup.of(all).getFirst())
        .isEqualTo(
            new BlockerGroup(
                "2 namespaces",
                "Deployment",
                "pay/web-0, pay/web-1, pay/web-2 and 198 more",
                false,
                "SLV7242 x"));
  }
}
