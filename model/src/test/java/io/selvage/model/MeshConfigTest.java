package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which services stay in their own cluster. */
class MeshConfigTest {
  private static MeshConfig read(String settings) {
    return (MeshConfig)
        ResourceReader.read("mesh.yaml", "kind: MeshConfig\n" + settings).resources().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "kube-dns.kube-system.svc.cluster.local, true",
    "kubernetes.default.svc.cluster.local, true",
    "istiod.mesh-root.svc.cluster.local, true",
    "selvage.mesh-root.svc.cluster.local, true",
    "istiod.istio-system.svc.cluster.local, false",
    "selvage.default.svc.cluster.local, false",
    "web.mesh-root.svc.cluster.local, false"
  })
  void kubernetesOwnAndControlPlanesDo(String host, boolean local) {
    assertThat(read("rootNamespace: mesh-root\n").isClusterLocal(host)).isEqualTo(local);
  }

  @Test
  void whatIsWrittenCountsFirst() {
    MeshConfig mesh =
        read(
            """
            serviceSettings:
            - {settings: {clusterLocal: false}, hosts: ["*.istio-system.svc.cluster.local"]}
            - {settings: {clusterLocal: true}, hosts: ["web.shop.svc.cluster.local"]}
            """);
    assertThat(mesh.isClusterLocal("istiod.istio-system.svc.cluster.local")).isFalse();
    assertThat(mesh.isClusterLocal("web.shop.svc.cluster.local")).isTrue();
  }
}
