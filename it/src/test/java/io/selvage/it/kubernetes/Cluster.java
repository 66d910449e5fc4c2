package io.selvage.it.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.it.istiod.KubeApi;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A real Kubernetes API with Istio's resource definitions, and wires to it that can be cut. */
final class Cluster implements AutoCloseable {
  /** Where the control plane is at home. */
  static final String ROOT = "istio-system";

  private final Opened opened = new Opened();
  private final Path folder;
  private final KubeApi api;
  private final List<JsonNode> definitions;

  private Cluster(Path folder, boolean defined, List<String> flags, Map<String, String> environment)
      throws Exception {
    this.folder = Files.createDirectories(folder);
    try {
      this.api = opened.add(KubeApi.start(folder.resolve("kube"), flags, environment));
      this.definitions = definitions();
      client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(ROOT));
      if (defined) {
        define();
      }
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** With Istio's resource definitions. */
  static Cluster start(Path folder) throws Exception {
    return start(folder, List.of(), Map.of());
  }

  /** The same with more of kube-apiserver's flags, and in an environment. */
  static Cluster start(Path folder, List<String> flags, Map<String, String> environment)
      throws Exception {
    return new Cluster(folder, true, flags, environment);
  }

  /** Without, until {@link #define}. */
  static Cluster withoutDefinitions(Path folder) throws Exception {
    return withoutDefinitions(folder, List.of());
  }

  /** The same with more of kube-apiserver's flags. */
  static Cluster withoutDefinitions(Path folder, List<String> flags) throws Exception {
    return new Cluster(folder, false, flags, Map.of());
  }

  private static List<JsonNode> definitions() {
    List<String> line =
        List.of(
            Tool.peer("istioctl").toString(), "manifest", "generate", "--set", "profile=minimal");
    return Manifest.read(Tool.run(Map.of(), line).well().out()).stream()
        .filter(object -> object.path("kind").asString().equals("CustomResourceDefinition"))
        .toList();
  }

  /** Adds Istio's resource definitions, and waits until they are served. */
  void define() throws Exception {
    client().apply(definitions);
    for (JsonNode definition : definitions) {
      Until.holds("the API serves " + Manifest.id(definition), () -> client().serves(definition));
    }
  }

  KubeApi api() {
    return api;
  }

  /** Of a user who may do everything, past all gates. */
  KubeClient client() {
    return api.client();
  }

  /** A wire to the API server. */
  Gate gate() throws IOException {
    return opened.add(Gate.to(api.port()));
  }

  /** A client as the control plane has one, of a user who may do everything. */
  KubernetesClient connect(Gate gate) throws IOException {
    return connect(gate.port(), "admin", api.adminToken());
  }

  /** A client as the control plane has one, of the user with that token. */
  KubernetesClient connect(int port, String user, String token) throws IOException {
    return opened.add(
        ClusterConnection.open(Optional.of(kubeconfig(port, user, token)), Optional.of(user)));
  }

  /** A kubeconfig with one context, {@code user}. */
  Path kubeconfig(int port, String user, String token) throws IOException {
    Path file = folder.resolve("kubeconfig-" + user + "-" + port);
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
        users: [{name: it, user: {token: "%s"}}]
        contexts: [{name: %s, context: {cluster: it, user: it}}]
        current-context: %4$s
        """
            .formatted(port, api.certificate().toRealPath(), token, user));
    return file;
  }

  /** The object of the first manifest of a text, as it is now. */
  JsonNode get(String manifest) throws IOException, InterruptedException {
    return client().get(Manifest.read(manifest).getFirst());
  }

  @Override
  public void close() {
    opened.close();
  }
}
