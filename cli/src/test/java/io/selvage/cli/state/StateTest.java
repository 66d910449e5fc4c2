package io.selvage.cli.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.UserError;
import io.selvage.cli.netns.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateTest {

  @TempDir private Path temporary;

  private static MeshState state(String mesh, String admin, String token) {
    var self = ProcessHandle.current();
    return new MeshState(
        mesh,
        self.pid(),
        self.info().startInstant().orElseThrow(),
        admin,
        token,
        new Isolation(Isolation.Mode.HTTP_PROXY, "a test"),
        "/mesh",
        List.of(new MeshState.ControlPlane("east", "http://127.0.0.1:2", "secret")),
        List.of(
            new MeshState.Workload(
                "east", "sample", "sleep", "10.80.0.10", "n", "r", "", "", "", 0, Instant.EPOCH)));
  }

  @Test
  void whatIsWrittenIsReadByItsOwnerAlone() throws IOException {
    var directory = new StateDirectory(temporary.resolve("run"));
    var written = state("demo", "http://127.0.0.1:1", "secret");
    directory.write(written);
    assertThat(directory.read("demo")).hasValue(written);
    Path file = temporary.resolve("run/demo/state.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(written.toString()).doesNotContain("secret");
  }

  @Test
  void aDeadProcessIsNoRunningMesh() throws IOException {
    var directory = new StateDirectory(temporary);
    var alive = state("demo", "x", "y");
    directory.write(
        new MeshState(
            "demo",
            alive.pid(),
            alive.processStarted().minusSeconds(1),
            "x",
            "y",
            alive.isolation(),
            "",
            List.of(),
            List.of()));
    assertThat(directory.running()).isEmpty();
    assertThatThrownBy(() -> directory.find(null))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no mesh runs")
        .hasMessageContaining("selvage demo --keep");
  }

  @Test
  void theOnlyMeshNeedsNoNameAndSeveralDo() throws IOException {
    var directory = new StateDirectory(temporary);
    directory.write(state("a", "x", "y"));
    assertThat(directory.find(null).mesh()).isEqualTo("a");
    directory.write(state("b", "x", "y"));
    assertThat(directory.find("b").mesh()).isEqualTo("b");
    assertThatThrownBy(() -> directory.find(null)).hasMessageContaining("--mesh");
    directory.remove("b");
    assertThat(directory.find(null).mesh()).isEqualTo("a");
  }

  @Test
  void theEnvironmentSaysWhereStateIs() throws IOException {
    var home = temporary.resolve("home");
    var given = temporary.resolve("given");
    assertThat(StateDirectory.of(Map.of(), home).folder("m"))
        .isEqualTo(home.resolve(".selvage/run/m"));
    assertThat(StateDirectory.of(Map.of("SELVAGE_STATE_DIR", given.toString()), home).folder("m"))
        .isEqualTo(given.resolve("m"));
    assertThat(StateDirectory.of(Map.of("XDG_RUNTIME_DIR", "/run/user/1000"), home).path("m"))
        .as("a mesh in a user namespace has a /run of its own")
        .isEqualTo(home.resolve(".selvage/run/m"));
  }

  @Test
  void questionsAreAnsweredToTheTokenAlone() throws IOException {
    try (var server =
        AdminServer.start(
            Map.of(
                "/v1/status", _ -> Optional.of(Map.of("mesh", "demo")),
                "/v1/why",
                    id -> id.equals("a b") ? Optional.of(Map.of("id", id)) : Optional.empty()),
            Map.of(),
            new SecureRandom())) {
      var client = new AdminClient(state("demo", server.url(), server.token()));
      assertThat(client.ask("/v1/status").orElseThrow().get("mesh").asString()).isEqualTo("demo");
      assertThat(client.ask("/v1/why/a b").orElseThrow().get("id").asString()).isEqualTo("a b");
      assertThat(client.ask("/v1/why/other")).isEmpty();
      var stranger = new AdminClient(state("demo", server.url(), "guess"));
      assertThatThrownBy(() -> stranger.ask("/v1/status"))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("401");
    }
  }
}
