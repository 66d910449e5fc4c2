package io.selvage.it.migrate;

import io.selvage.it.istiod.KubeApi;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.PeerProcess;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Istio's control plane as its Deployment runs it: {@code cacerts} is mounted when it starts, and
 * without one it signs with what {@code istio-ca-secret} holds.
 */
final class RunningIstiod implements AutoCloseable {
  private final Path folder;
  private final KubeApi kube;
  private final HttpClient http = HttpClient.newHttpClient();
  private final int debugPort = FreePort.find();
  private final int securePort = FreePort.find();
  private final int webhookPort = FreePort.find();
  private final int plainPort = FreePort.find();
  private final int metricsPort = FreePort.find();
  private @Nullable PeerProcess process;
  private int starts;

  RunningIstiod(Path folder, KubeApi kube) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.kube = kube;
  }

  /** Starts it, anew if it runs, and waits until it serves proxies. */
  void start() throws Exception {
    stop();
    Path home = Files.createDirectories(folder.resolve("run-" + ++starts));
    Path mounted = Files.createDirectories(home.resolve("cacerts"));
    mount(mounted);
    PeerProcess fresh =
        PeerProcess.start(
            "istiod",
            home,
            environment(mounted),
            List.of(
                Tool.peer("pilot-discovery").toString(),
                "discovery",
                "--kubeconfig=" + kube.kubeconfig().toRealPath(),
                "--httpAddr=127.0.0.1:" + debugPort,
                "--secureGRPCAddr=127.0.0.1:" + securePort,
                "--httpsAddr=127.0.0.1:" + webhookPort,
                "--grpcAddr=127.0.0.1:" + plainPort,
                "--monitoringAddr=127.0.0.1:" + metricsPort,
                "--ctrlz_port=0"));
    process = fresh;
    fresh.until("istiod is ready", this::isReady, ready -> ready);
  }

  private Map<String, String> environment(Path mounted) throws IOException {
    var all = new HashMap<String, String>();
    all.put("ROOT_CA_DIR", mounted.toRealPath().toString());
    all.put("POD_NAME", "istiod-" + starts);
    all.put("POD_NAMESPACE", MigrationStage.ROOT);
    all.put("CLUSTER_ID", MigrationStage.CLUSTER);
    all.put("REVISION", "default");
    all.put("PILOT_CERT_PROVIDER", "istiod");
    all.put("PILOT_DEBOUNCE_AFTER", "5ms");
    all.put("PILOT_DEBOUNCE_MAX", "50ms");
    all.put("ENABLE_DEBUG_ENDPOINT_AUTH", "false");
    // the filters that only Istio's own build of Envoy has
    all.put("PILOT_ENABLE_METADATA_EXCHANGE", "false");
    all.put("PILOT_ENABLE_ALPN_FILTER", "false");
    return all;
  }

  private void mount(Path folder) throws Exception {
    try {
      JsonNode secret =
          kube.client()
              .get(
                  Manifest.read(
                          "{apiVersion: v1, kind: Secret, metadata: {name: cacerts, namespace: %s}}"
                              .formatted(MigrationStage.ROOT))
                      .getFirst());
      for (var entry : secret.path("data").properties()) {
        Files.write(
            folder.resolve(entry.getKey()),
            Base64.getDecoder().decode(entry.getValue().asString()));
      }
    } catch (io.selvage.it.istiod.KubeClient.Refused e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }

  private boolean isReady() throws InterruptedException {
    try {
      URI uri = URI.create("http://127.0.0.1:" + debugPort + "/ready");
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode()
          == 200;
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  /** Where proxies join with TLS, on 127.0.0.1. */
  int port() {
    return securePort;
  }

  /** How many times it was started. */
  int starts() {
    return starts;
  }

  /** What it wrote since its last start. */
  String log() throws IOException {
    PeerProcess now = process;
    return now == null ? "" : now.log();
  }

  /** Ends it. */
  void stop() {
    PeerProcess now = process;
    if (now != null) {
      now.close();
    }
    process = null;
  }

  @Override
  public void close() {
    http.shutdownNow();
    stop();
  }
}
