package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Istio's control plane, unchanged, for a cluster with real Pods: its definitions and rights as
 * {@code istioctl} installs them, and itself as a process of the node, which the Service {@code
 * istiod} leads to.
 */
final class IstiodOutside implements AutoCloseable {
  /** What Pods name. */
  static final String CONTROL_PLANE = "istiod.istio-system.svc:15012";

  private static final int SECURE_PORT = 25012;
  private static final int READY_PORT = 28080;
  private static final Set<String> KINDS =
      Set.of(
          "CustomResourceDefinition",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding",
          "ServiceAccount",
          "ConfigMap");

  private final Process process;
  private final Path log;

  private IstiodOutside(KubernetesCluster cluster) throws IOException {
    log = cluster.folder().resolve("istiod.log");
    var builder =
        new ProcessBuilder(
                cluster.inside(
                    Tool.peer("pilot-discovery").toString(),
                    "discovery",
                    "--kubeconfig=" + cluster.kubeconfig(),
                    "--httpAddr=:" + READY_PORT,
                    "--grpcAddr=",
                    "--secureGRPCAddr=:" + SECURE_PORT,
                    "--httpsAddr=:25017",
                    "--monitoringAddr=:25014"))
            .directory(cluster.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "POD_NAME", "istiod",
                "POD_NAMESPACE", "istio-system",
                "CLUSTER_ID", "Kubernetes",
                "REVISION", "default",
                "PILOT_CERT_PROVIDER", "istiod"));
    process = builder.start();
  }

  static IstiodOutside start(KubernetesCluster cluster) throws Exception {
    install(cluster);
    IstiodOutside istiod = new IstiodOutside(cluster);
    try {
      List<String> ready =
          cluster.inside("curl", "-sf", "http://127.0.0.1:" + READY_PORT + "/ready");
      Until.holds("istiod is ready", () -> istiod.lives() && Tool.run(Map.of(), ready).exit() == 0);
      return istiod;
    } catch (Throwable e) {
      istiod.close();
      throw e;
    }
  }

  private boolean lives() throws IOException {
    assertThat(process.isAlive()).as("istiod runs; its log:%n%s", Files.readString(log)).isTrue();
    return true;
  }

  private static void install(KubernetesCluster cluster) throws IOException {
    List<String> line =
        List.of(
            Tool.peer("istioctl").toString(), "manifest", "generate", "--set", "profile=minimal");
    List<JsonNode> objects =
        Manifest.read(Tool.run(Map.of(), line).well().out()).stream()
            .filter(object -> KINDS.contains(object.path("kind").asString()))
            .toList();
    Path file = cluster.folder().resolve("istio.json");
    Files.writeString(
        file,
        JsonMapper.shared()
            .writeValueAsString(Map.of("apiVersion", "v1", "kind", "List", "items", objects)));
    cluster.kubectl().apply(Application.namespace("istio-system", "{}") + service(cluster));
    cluster.kubectl().run("apply", "--server-side", "-f", file.toString()).well();
  }

  private static String service(KubernetesCluster cluster) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: istiod, namespace: istio-system}
    spec: {ports: [{name: https-dns, port: 15012, targetPort: %1$d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: istiod-node, namespace: istio-system, labels: {kubernetes.io/service-name: istiod}}
    addressType: IPv4
    ports: [{name: https-dns, port: %1$d}]
    endpoints: [{addresses: [%2$s], conditions: {ready: true}}]
    """
        .formatted(SECURE_PORT, cluster.node());
  }

  @Override
  public void close() {
    process.destroy();
    process
        .onExit()
        .orTimeout(10, TimeUnit.SECONDS)
        .exceptionally(_ -> process.destroyForcibly())
        .join();
  }
}
