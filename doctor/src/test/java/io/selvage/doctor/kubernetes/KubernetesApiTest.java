package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.ClusterConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an API server that does not answer. */
final class KubernetesApiTest {
  @TempDir private Path folder;

  private void fails(String server, String says) throws IOException {
    Path kubeconfig =
        Files.writeString(
            folder.resolve("config"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: x, cluster: {server: "%s"}}]
            users: [{name: x, user: {}}]
            contexts: [{name: x, context: {cluster: x, user: x}}]
            """
                .formatted(server));
    try (KubernetesClient client =
        ClusterConnection.open(Optional.of(kubeconfig), Optional.of("x"))) {
      KubernetesApi api = new KubernetesApi(client, "x", Duration.ofSeconds(20));
      assertThatThrownBy(() -> api.get("/version"))
          .isInstanceOf(IOException.class)
          .hasMessage(says);
    }
  }

  @Test
  void nobodyListens() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    fails("https://127.0.0.1:" + port, "connection refused");
  }

  @Test
  void aNameHasNoAddress() throws IOException {
    // a label so long is no name, so that no name server is asked
    fails(
        "http://%s.invalid:6443".formatted("x".repeat(64)),
        "no address is known for the host's name");
  }
}
