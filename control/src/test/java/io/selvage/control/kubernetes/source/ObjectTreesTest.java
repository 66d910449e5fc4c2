package io.selvage.control.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectTreesTest {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private static ReadResult ofTree(String json) {
    return ResourceReader.readObject(
        "it", ObjectTrees.of(JSON.unmarshal(json, GenericKubernetesResource.class)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
         "metadata": {"name": "p", "namespace": "pay", "labels": {"a": "b"}, "generation": 3,
          "creationTimestamp": "2026-01-31T12:00:00Z", "uid": "u", "resourceVersion": "7"},
         "spec": {"action": "DENY", "selector": {"matchLabels": {"app": "x"}},
          "rules": [{"to": [{"operation": {"ports": ["8080"], "paths": ["/a*"]}}]}]},
         "status": {"conditions": []}}
        """,
        """
        {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
         "metadata": {"name": "p", "namespace": "pay"}, "spec": {"acton": "DENY", "rules": [{}]}}
        """,
        """
        {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
         "metadata": {"name": "p", "namespace": "pay", "strange": true},
         "spec": {"rules": [{"when": [{"key": "source.ip", "values": [1, 2.5, null, true]}]}]}}
        """,
        """
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "pay"},
         "spec": {"clusterIP": "10.0.0.1", "selector": {"app": "s"},
          "ports": [{"name": "http", "port": 80, "targetPort": "web"}]}}
        """,
        """
        {"apiVersion": "v1", "kind": "Service",
         "metadata": {"name": "gateway", "namespace": "edge", "labels": {"topology.istio.io/network": "west"}},
         "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.2", "ports": [{"name": "tls", "port": 15443}]},
         "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
        """,
        """
        {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
         "metadata": {"name": "e", "namespace": "pay"},
         "spec": {"hosts": ["a.example"], "ports": [{"number": 99999, "name": "http", "protocol": "HTTP"}]}}
        """,
        """
        {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
         "metadata": {"name": "default", "namespace": "pay"}, "spec": {"mtls": null}}
        """
      })
  void aTreeIsReadAsItsTextIs(String json) {
    ReadResult text = ResourceReader.readObject("it", json);
    ReadResult tree = ofTree(json);
    assertThat(tree.resources()).isEqualTo(text.resources());
    assertThat(tree.refused()).isEqualTo(text.refused());
    assertThat(tree.problems()).isEqualTo(text.problems());
  }

  @Test
  void whatIsNestedTooDeeplyIsRefusedAndNotReadInPart() {
    Object deep = "x";
    for (int i = 0; i < 70; i++) {
      deep = List.of(deep);
    }
    ReadResult read =
        ResourceReader.readObject(
            "it",
            Map.of(
                "apiVersion",
                "security.istio.io/v1",
                "kind",
                "AuthorizationPolicy",
                "metadata",
                Map.of("name", "p", "namespace", "pay"),
                "spec",
                Map.of("rules", deep)));
    assertThat(read.resources()).isEmpty();
    assertThat(read.refused()).hasSize(1);
    assertThat(read.problems().getFirst().message()).contains("levels deep");
  }
}
