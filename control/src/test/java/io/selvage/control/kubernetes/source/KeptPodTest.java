package io.selvage.control.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptPodTest {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"metadata": {"name": "p", "namespace": "pay", "uid": "u", "resourceVersion": "7",
          "labels": {"app": "x", "security.istio.io/tlsMode": "istio"}, "annotations": {"a": "b"}},
         "spec": {"serviceAccountName": "acc", "nodeName": "n", "containers": [
           {"name": "app", "image": "i", "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 1}]},
           {"name": "udp", "ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]}],
          "initContainers": [{"name": "istio-proxy", "ports": [{"name": "http", "containerPort": 9}, {"name": "prom", "containerPort": 15090}]}]},
         "status": {"phase": "Running", "podIP": "10.0.0.1"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}, "spec": {"containers": []}, "status": {"podIP": "10.0.0.1"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}, "spec": {"containers": []}, "status": {"phase": "Failed", "podIP": "10.0.0.1"}}
        """,
        """
        {"metadata": {"name": "p", "namespace": "pay"}}
        """
      })
  void whatIsKeptIsTheSameWorkload(String json) {
    Pod pod = JSON.unmarshal(json, Pod.class);
    Pod kept = KeptPod.of(pod).pod();
    assertThat(PodInstances.of(kept, "c", node -> Optional.empty()))
        .isEqualTo(PodInstances.of(pod, "c", node -> Optional.empty()));
    assertThat(kept.getMetadata().getUid()).isEqualTo(pod.getMetadata().getUid());
    assertThat(kept.getMetadata().getResourceVersion())
        .isEqualTo(pod.getMetadata().getResourceVersion());
  }
}
