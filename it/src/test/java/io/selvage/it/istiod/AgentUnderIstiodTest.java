package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.proxy.netns.NetworkNamespace;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference itself: Istio's agent and an Envoy under Istio's control plane. */
@Tag("real")
final class AgentUnderIstiodTest {
  @TempDir static Path home;

  private static final Opened OPENED = new Opened();
  private static Istiod istiod;
  private static AgentSidecar sidecar;
  private static WorkloadNamespace client;
  private static WorkloadNamespace server;

  @BeforeAll
  static void start() throws Exception {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    MeshNetwork network =
        OPENED.add(
            MeshNetwork.create(
                new ProcessCommands(),
                MeshName.of("istiod"),
                List.of(Istiod.CLUSTER),
                home.resolve("netns")));
    server = network.add(Istiod.CLUSTER, "foo", "server", true);
    client = network.add(Istiod.CLUSTER, "foo", "client", false);
    NetworkNamespace inside = OPENED.add(NetworkNamespace.open(server.path()));
    OPENED.add(inside.call(() -> Httpbin.start(new InetSocketAddress(8080), "server")));
    istiod = OPENED.add(Istiod.start(home.resolve("istiod"), Istiod.Settings.FOR_ANY_ENVOY));
    var workload =
        new Workload("foo", "server", "server", server.address(), Map.of("app", "server"));
    istiod.add(workload, "server", List.of(new Workload.ServicePort("http", 8000, 8080)));
    sidecar =
        OPENED.add(AgentSidecar.start(istiod, workload, server, home.resolve("server-sidecar")));
  }

  @AfterAll
  static void stop() {
    OPENED.close();
  }

  private static String status(String path) {
    return Tool.run(
            Map.of(),
            EntryCommand.of(
                client,
                Container.APPLICATION,
                OptionalLong.empty(),
                List.of(
                    "curl",
                    "-s",
                    "-m",
                    "5",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    "http://" + server.address() + ":8080" + path)))
        .out();
  }

  private static String denying(String path) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: deny, namespace: foo}
    spec: {action: DENY, rules: [{to: [{operation: {paths: ["%s"]}}]}]}
    """
        .formatted(path);
  }

  @Test
  void resourcesThatReplaceOthersHoldOnceTheMarkIsThere() throws Exception {
    for (int i = 0; i < 20; i++) {
      String path = "/anything/" + i;
      istiod.replace(Manifest.read(denying(path)));
      sidecar.await(istiod.mark());
      assertThat(status(path)).as("%s after its policy", path).isEqualTo("403");
      assertThat(status("/anything/" + (i - 1))).as("the path before %s", path).isEqualTo("200");
    }
    istiod.replace(List.of());
    sidecar.await(istiod.mark());
    assertThat(status("/anything/19")).isEqualTo("200");
  }

  @Test
  void theMeshConfigHoldsOnceTheMarkIsThere() throws Exception {
    istiod.replace(Manifest.read(denying("/anything")));
    istiod.mesh(Map.of("pathNormalization", Map.of("normalization", "MERGE_SLASHES")));
    sidecar.await(istiod.mark());
    assertThat(status("//anything")).isEqualTo("403");
    istiod.mesh(Map.of());
    sidecar.await(istiod.mark());
    assertThat(status("//anything")).isNotEqualTo("403");
    assertThat(status("/anything")).isEqualTo("403");
  }

  @Test
  void strictRefusesPlaintext() throws Exception {
    istiod.replace(
        Manifest.read(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: foo}
            spec: {mtls: {mode: STRICT}}
            """));
    sidecar.await(istiod.mark());
    assertThat(status("/")).isEqualTo("000");
    istiod.replace(List.of());
    sidecar.await(istiod.mark());
    assertThat(status("/")).isEqualTo("200");
  }
}
