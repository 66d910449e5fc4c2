package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A user puts an Envoy in place of our proxy, with the command line alone. */
@Tag("real")
class ExternalProxyTest {
  private static final Place CLIENT = Place.app("local", "default", "client");
  private static final String URL = "http://web.default:8000/headers";

  @TempDir private static Path home;
  @TempDir private static Path folder;
  private static RunningMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    Files.writeString(
        folder.resolve("workloads.yaml"),
        """
        workloads:
        - name: web
          serviceAccount: web
          command: [selvage, httpbin, --port, "8000"]
          ports: [{name: http, port: 8000}]
          service: web
          proxy: external
        - name: client
          serviceAccount: client
          command: [sleep, infinity]
        """);
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: "accessLogFile: /dev/stdout"
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: istio-system}
        spec: {mtls: {mode: STRICT}}
        """);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    mesh = RunningMesh.up(home, folder);
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static Path envoy() throws Exception {
    Path program = home.resolve("envoy");
    Files.copy(Tool.peer("envoy"), program);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private static String proxyOfWeb() {
    for (var workload : mesh.json("status").get("workloads")) {
      if (workload.get("name").asString().equals("web")) {
        return workload.get("proxy").asString();
      }
    }
    throw new AssertionError("no web");
  }

  @Test
  void envoyIsTheProxyOfAWorkloadAndEndsWithItsAgent() throws Exception {
    assertThat(mesh.status(CLIENT, URL)).as("nobody is there").isEqualTo("503");
    assertThat(proxyOfWeb()).contains("selvage agent web -- envoy");

    Process agent = mesh.start("agent", "web", "--", envoy().toString(), "-l", "warning");
    try {
      BufferedReader said = agent.inputReader();
      String first = said.readLine();
      assertThat(first)
          .as(
              "%s",
              first == null
                  ? new String(agent.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                  : "")
          .startsWith("certificate of spiffe://cluster.local/ns/default/sa/web until ");
      Path socket = Path.of(first.substring(first.lastIndexOf(' ') + 1));
      mesh.untilStatus(CLIENT, "200", URL);
      assertThat(mesh.exec(CLIENT, "curl", "-s", URL).well().out())
          .contains("By=spiffe://cluster.local/ns/default/sa/web")
          .contains("URI=spiffe://cluster.local/ns/default/sa/client");
      assertThat(proxyOfWeb()).isEqualTo("ready");
      assertThat(said.readLine())
          .as("Envoy's access log goes on to the agent's output")
          .contains("\"GET /headers HTTP/1.1\" 200", "inbound|8000||");
      assertThat(socket.resolveSibling("bootstrap.json")).exists();

      agent.destroy();
      assertThat(agent.waitFor(20, TimeUnit.SECONDS)).as("it ends when asked").isTrue();
      assertThat(socket.getParent()).doesNotExist();
      Until.seen("Envoy is gone", () -> mesh.status(CLIENT, URL), "503"::equals);
    } finally {
      agent.descendants().forEach(ProcessHandle::destroyForcibly);
      agent.destroyForcibly().waitFor();
    }
  }

  @Test
  void theBootstrapIsOneThatEnvoyTakes() throws Exception {
    var bootstrap =
        JsonMapper.shared().readTree(mesh.selvage("envoy-bootstrap", "web").well().out());

    assertThat(bootstrap.at("/node/id").asString())
        .isEqualTo(
            "sidecar~%s~web.default~default.svc.cluster.local"
                .formatted(mesh.address(Place.app("local", "default", "web"))));
    assertThat(bootstrap.at("/dynamic_resources/ads_config/api_type").asString())
        .isEqualTo("DELTA_GRPC");
    Path file = home.resolve("bootstrap.json");
    Files.writeString(file, bootstrap.toString());
    var checked =
        Tool.run(
            java.util.Map.of(),
            java.util.List.of(
                Tool.peer("envoy").toString(), "--mode", "validate", "-c", file.toString()));
    assertThat(checked.exit()).as("%s", checked).isZero();
  }

  @Test
  void anotherAgentIsToldAllThatItNeeds() {
    var invitation = JsonMapper.shared().readTree(mesh.selvage("invite", "web").well().out());

    assertThat(invitation.get("roots").asString()).startsWith("-----BEGIN CERTIFICATE-----");
    assertThat(invitation.get("token").asString().split("\\.")).hasSize(3);
    assertThat(
            mesh.exec(
                    Place.app("local", "default", "web").pastTheProxy(),
                    "curl",
                    "-sk",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_version} %{certs}",
                    "https://127.0.0.1:15012")
                .out())
        .as("CA and control plane, from the workload's own network")
        .startsWith("2")
        .contains("istiod.istio-system.svc");
  }

  @Test
  void nobodyIsInvitedToBeAWorkloadOfOurs() {
    var refused = mesh.selvage("agent", "client", "--", "true");

    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err()).contains("write `proxy: external` in workloads.yaml");
  }
}
