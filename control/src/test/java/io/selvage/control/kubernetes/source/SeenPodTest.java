package io.selvage.control.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.control.workload.WorkloadInstance;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeenPodTest {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private static SeenPod pod(String json) {
    return JSON.unmarshal(json, SeenPod.class);
  }

  private static Optional<WorkloadInstance> workload(SeenPod pod) {
    var node =
        new NodeBuilder()
            .withNewMetadata()
            .addToLabels("topology.kubernetes.io/region", "r")
            .endMetadata()
            .build();
    return PodInstances.of(pod, "c", name -> Optional.of(node).filter(_ -> name.equals("n")));
  }

  @Test
  void ofAPodThatIsWholeItSeesWhatAMeshAsks() {
    SeenPod pod =
        pod(
            """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "p", "namespace": "pay", "uid": "u", "resourceVersion": "7",
               "labels": {"app": "x", "security.istio.io/tlsMode": "istio"}, "annotations": {"a": "b"},
               "ownerReferences": [{"kind": "ReplicaSet", "name": "r"}]},
             "spec": {"serviceAccountName": "acc", "nodeName": "n", "dnsPolicy": "ClusterFirst", "containers": [
               {"name": "app", "image": "i", "ports": [{"name": "http", "containerPort": 8080, "hostPort": 1}, {"containerPort": 1}]},
               {"name": "udp", "ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]}],
              "initContainers": [{"name": "istio-proxy", "ports": [{"name": "http", "containerPort": 9}, {"name": "prom", "containerPort": 15090}]}]},
             "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}}
            """);
    assertThat(workload(pod))
        .contains(
            new WorkloadInstance(
                "p",
                "pay",
                "acc",
                Map.of("app", "x", "security.istio.io/tlsMode", "istio"),
                "10.0.0.1",
                Map.of("http", 8080, "prom", 15090),
                Map.of(),
                "c",
                "",
                "r",
                "n",
                1,
                true));
    assertThat(pod.getMetadata().getUid()).isEqualTo("u");
    assertThat(pod.getMetadata().getResourceVersion()).isEqualTo("7");
    assertThat(pod.getMetadata().getAnnotations()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'\"istio-locality\": \"west.a.1\"', west/a/1",
    "'\"istio-locality\": \"\"', r",
    "'\"istio-locality\": \"east\", \"topology.istio.io/locality\": \"west.a\"', west/a",
    "'', r"
  })
  void itsOwnLabelSaysWhereItIsBeforeItsNodesDo(String labels, String locality) {
    SeenPod pod =
        pod(
            """
            {"metadata": {"name": "p", "namespace": "pay", "labels": {%s}},
             "spec": {"nodeName": "n", "containers": []}, "status": {"podIP": "10.0.0.1"}}
            """
                .formatted(labels));
    assertThat(workload(pod).orElseThrow().locality()).isEqualTo(locality);
  }

  @Test
  void whatIsNotSaidHasItsDefault() {
    SeenPod pod =
        pod(
            """
            {"metadata": {"name": "p", "namespace": "pay"}, "spec": {"containers": []}, "status": {"podIP": "10.0.0.1"}}
            """);
    assertThat(workload(pod).orElseThrow())
        .satisfies(
            one -> {
              assertThat(one.serviceAccount()).isEqualTo("default");
              assertThat(one.labels()).isEmpty();
              assertThat(one.locality()).isEmpty();
              assertThat(one.hasProxy()).isFalse();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"metadata": {"name": "p", "namespace": "pay"}, "spec": {"containers": []}, "status": {"phase": "Failed", "podIP": "10.0.0.1"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}, "spec": {"containers": []}, "status": {"phase": "Pending"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}, "status": {"phase": "Running", "podIP": "10.0.0.1"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}}
        """
      })
  void whatHasEndedOrHasNoAddressIsNoWorkload(String json) {
    assertThat(workload(pod(json))).isEmpty();
  }
}
