package io.selvage.it.cluster;

import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One real Istio mesh in two clusters on two networks, each with its own control plane, as Istio's
 * guide has it (multi-primary on different networks): one root, a Secret for each other's API, and
 * an east-west gateway each.
 */
public final class IstioOfTwo {
  private IstioOfTwo() {}

  /** Loads images and installs it; the gateways come up by themselves. */
  public static void into(ClusterPair pair) throws Exception {
    var authority = new PluggedInCa();
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      IstioInstalled.load(cluster);
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply(
          Application.namespace(
                  "istio-system", "{topology.istio.io/network: " + cluster.context() + "}")
              + authority.secret());
      kubectl.run("apply", "--server-side", "-f", manifest(cluster).toString()).well();
      cluster.assignLoadBalancer("istio-system", "istio-eastwestgateway");
    }
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      KubernetesCluster other = cluster == pair.east() ? pair.west() : pair.east();
      cluster.kubectl().awaitRollout("istio-system", "istiod");
      cluster.kubectl().apply(GATEWAY + remoteSecret(other));
    }
  }

  /** The Secret by which others read a cluster. */
  private static String remoteSecret(KubernetesCluster cluster) {
    return Tool.run(
            Map.of("KUBECONFIG", cluster.kubeconfig().toString()),
            List.of(
                Tool.peer("istioctl").toString(),
                "create-remote-secret",
                "--context=" + cluster.context(),
                "--name=" + cluster.context()))
        .well()
        .out();
  }

  private static Path manifest(KubernetesCluster cluster) throws IOException {
    Path operator = cluster.folder().resolve("operator.yaml");
    Files.writeString(operator, OPERATOR.replace("@NETWORK@", cluster.context()));
    Path file = cluster.folder().resolve("istio.yaml");
    Files.writeString(file, IstioInstalled.manifest("-f", operator.toString()));
    return file;
  }

  private static final String GATEWAY =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: cross-network-gateway, namespace: istio-system}
      spec:
        selector: {istio: eastwestgateway}
        servers:
        - {port: {number: 15443, name: tls, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["*.local"]}
      ---
      """;

  private static final String OPERATOR =
      """
      apiVersion: install.istio.io/v1alpha1
      kind: IstioOperator
      spec:
        components:
          ingressGateways:
          - {name: istio-ingressgateway, enabled: false}
          - name: istio-eastwestgateway
            enabled: true
            label: {istio: eastwestgateway, app: istio-eastwestgateway, topology.istio.io/network: "@NETWORK@"}
            k8s:
              env: [{name: ISTIO_META_REQUESTED_NETWORK_VIEW, value: "@NETWORK@"}]
              service:
                ports:
                - {name: status-port, port: 15021, targetPort: 15021}
                - {name: tls, port: 15443, targetPort: 15443}
        values:
          global: {meshID: mesh, network: "@NETWORK@", multiCluster: {clusterName: "@NETWORK@"}}
          gateways: {istio-ingressgateway: {injectionTemplate: gateway}}
      """;
}
