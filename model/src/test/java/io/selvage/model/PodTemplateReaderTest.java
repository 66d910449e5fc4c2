package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PodTemplateReaderTest {
  private static final String SPEC =
      """
      metadata: {labels: {app: web}}, spec: {serviceAccountName: sa, containers: [{name: c, ports: \
      [{name: http, containerPort: 80}, {containerPort: 53, protocol: UDP}]}]}""";

  private static PodTemplate one(String yaml) {
    PodTemplateReader.Result result = PodTemplateReader.read("a.yaml", yaml, "default");
    assertThat(result.problems()).isEmpty();
    assertThat(result.read()).hasSize(1);
    return result.read().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "apps/v1,Deployment",
    "apps/v1,StatefulSet",
    "apps/v1,DaemonSet",
    "apps/v1,ReplicaSet",
    "batch/v1,Job",
    "v1,ReplicationController"
  })
  void theTemplateSaysWhatPodsAreLike(String version, String kind) {
    PodTemplate template =
        one(
            "{apiVersion: %s, kind: %s, metadata: {name: web, namespace: n, labels: {a: b}}, spec: {template: {%s}}}"
                .formatted(version, kind, SPEC));
    assertThat(template.qualifiedName()).isEqualTo("n/web");
    assertThat(template.labels()).containsExactly(Map.entry("app", "web"));
    assertThat(template.serviceAccount()).isEqualTo("sa");
    assertThat(template.ports()).containsExactly(new PodTemplate.Port("http", 80));
    assertThat(template.containers()).containsExactly("c");
  }

  @Test
  void aCronJobHasItsTemplateFurtherDown() {
    assertThat(
            one("{apiVersion: batch/v1, kind: CronJob, metadata: {name: n}, spec: {jobTemplate: {spec: {template: {%s}}}}}"
                    .formatted(SPEC))
                .labels())
        .containsEntry("app", "web");
  }

  private static final String GROUP =
      "{apiVersion: networking.istio.io/%s, kind: WorkloadGroup, metadata: {name: vm, namespace: n},"
          + " spec: {metadata: {labels: {version: v2}}, %s}}";

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v1beta1", "v1alpha3"})
  void aGroupOfMachinesHasTheLabelsOfItsTemplateAndItsOwnBeforeThem(String version) {
    PodTemplate template =
        one(
            GROUP.formatted(
                version,
                "template: {ports: {http: 8080}, labels: {app: vm, version: v1}, serviceAccount: sa}"));
    assertThat(template.kind()).isEqualTo("WorkloadGroup");
    assertThat(template.qualifiedName()).isEqualTo("n/vm");
    assertThat(template.labels()).containsOnly(Map.entry("app", "vm"), Map.entry("version", "v2"));
    assertThat(template.serviceAccount()).isEqualTo("sa");
    assertThat(template.ports()).containsExactly(new PodTemplate.Port("http", 8080));
  }

  @Test
  void aGroupOfMachinesNeedsATemplateAndPortsThatAreNumbers() {
    for (String wrong : List.of("probe: {}", "template: {ports: {http: web}}")) {
      PodTemplateReader.Result result =
          PodTemplateReader.read("a.yaml", GROUP.formatted("v1", wrong), "default");
      assertThat(result.read()).as(wrong).isEmpty();
      assertThat(result.problems()).as(wrong).hasSize(1);
    }
  }

  @Test
  void aPodThatRunsHasAddressesAndOneThatEndedIsOver() {
    PodTemplate pod =
        one(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web-1
              ownerReferences: [{kind: ReplicaSet, name: web-5d}]
            spec: {hostNetwork: true, containers: [{name: c}]}
            status: {phase: Succeeded, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}
            """);
    assertThat(pod.addresses()).isEqualTo(List.of("10.0.0.1", "fd00::1"));
    assertThat(pod.owner()).contains("ReplicaSet/web-5d");
    assertThat(pod.over()).isTrue();
    assertThat(pod.hostNetwork()).isTrue();
    assertThat(pod.serviceAccount()).isEqualTo("default");
  }

  @Test
  void aListIsReadItemByItem() {
    assertThat(
            PodTemplateReader.read(
                    "a.yaml",
                    "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}, {apiVersion: v1, kind: Service, metadata: {name: b}}]}",
                    "default")
                .read())
        .hasSize(1);
  }

  @Test
  void whatIsWrongIsToldWithItsLine() {
    PodTemplateReader.Result result =
        PodTemplateReader.read(
            "a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: [1]\n", "default");
    assertThat(result.read()).isEmpty();
    assertThat(result.problems())
        .anySatisfy(p -> assertThat(p.render()).startsWith("a.yaml:4: spec: must be an object"));
  }
}
