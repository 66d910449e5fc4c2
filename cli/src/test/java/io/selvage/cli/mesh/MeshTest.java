package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.UserError;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshTest {

  private static final String A = "- {name: a, command: [sleep, '600']}\n";
  private static final String B = "- {name: b, command: [sleep, '601']}\n";

  @TempDir private Path temporary;
  private final Told told = new Told();
  private final FakePlanes planes = new FakePlanes();
  private StateDirectory state;
  private Mesh mesh;

  @BeforeEach
  void prepare() throws IOException {
    state = new StateDirectory(temporary.resolve("run"));
    mesh = mesh(plan(A));
  }

  @AfterEach
  void stop() {
    mesh.close();
  }

  private MeshPlan plan(String workloads) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("folder"));
    Files.writeString(folder.resolve("workloads.yaml"), "workloads:\n" + workloads);
    return MeshPlan.read("m", folder, "c");
  }

  private Mesh mesh(MeshPlan plan) throws IOException {
    return new Mesh(
        plan,
        new Mesh.Surroundings(
            new ProcessCommands(),
            new Isolation(Isolation.Mode.HTTP_PROXY, "a test"),
            state,
            (_, _) -> planes,
            Optional.empty(),
            told,
            InstantSource.system(),
            new SecureRandom()));
  }

  private List<Long> processes() {
    return state.read("m").orElseThrow().workloads().stream().map(MeshState.Workload::pid).toList();
  }

  private static boolean runs(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void whatItStartsItStops() throws Exception {
    mesh.start();
    long pid = processes().getFirst();
    assertThat(runs(pid)).isTrue();
    assertThat(planes.carried).containsExactly("c/default/a");
    mesh.close();
    assertThat(runs(pid)).isFalse();
    assertThat(planes.closed).isTrue();
    assertThat(temporary.resolve("run/m")).doesNotExist();
  }

  @Test
  void aSecondOfTheNameIsRefusedAndLeavesTheFirstAlone() throws Exception {
    mesh.start();
    try (var second = mesh(plan(A))) {
      assertThatThrownBy(second::start)
          .isInstanceOf(UserError.class)
          .hasMessageContaining(
              "mesh `m` runs already, as process " + ProcessHandle.current().pid())
          .hasMessageContaining("--name");
    }
    assertThat(runs(processes().getFirst())).isTrue();
  }

  @Test
  void whatAKilledMeshLeftIsEndedByTheNext() throws Exception {
    Process left = new ProcessBuilder("sleep", "602").start();
    var self = ProcessHandle.current();
    var entry =
        new MeshState.Workload(
            "c",
            "default",
            "a",
            "127.80.0.10",
            "",
            "",
            "",
            "",
            "",
            left.pid(),
            left.info().startInstant().orElseThrow());
    state.write(
        new MeshState(
            "m",
            self.pid(),
            self.info().startInstant().orElseThrow().minusSeconds(9),
            "",
            "",
            new Isolation(Isolation.Mode.HTTP_PROXY, "a test"),
            "",
            List.of(),
            List.of(entry)));
    mesh.start();
    assertThat(left.waitFor()).isNotZero();
    assertThat(told.taken()).singleElement().asString().contains("cleared what process");
  }

  @Test
  void workloadsComeChangeAndGoWhileItIsUp() throws Exception {
    mesh.start();
    long first = processes().getFirst();
    mesh.change(plan(A + B));
    assertThat(planes.carried).containsExactly("c/default/a", "c/default/b");
    assertThat(planes.planned).isEqualTo(2);
    assertThat(processes().getFirst()).isEqualTo(first);
    assertThat(told.taken()).containsExactly("G c/default/b is up");

    mesh.change(plan(A.replace("600", "603") + B));
    assertThat(runs(first)).isFalse();
    assertThat(told.taken())
        .containsExactly("N c/default/a is stopped, to start anew", "G c/default/a is up");

    mesh.change(plan(B));
    assertThat(planes.carried).containsExactly("c/default/b");
    assertThat(processes()).hasSize(1);
    assertThat(told.taken()).containsExactly("N c/default/a is stopped");
  }

  @Test
  void aWorkloadThatCannotStartLeavesTheOthers() throws Exception {
    mesh.start();
    mesh.change(plan(A + "- {name: x, command: [sleep, '1'], cwd: /no/such/folder}\n"));
    assertThat(planes.carried).containsExactly("c/default/a");
    assertThat(told.taken()).singleElement().asString().startsWith("B c/default/x does not start");
  }

  @Test
  void otherClustersNeedAnotherStart() throws Exception {
    mesh.start();
    var other = MeshPlan.read("m", temporary.resolve("folder"), "elsewhere");
    assertThatThrownBy(() -> mesh.change(other)).isInstanceOf(UserError.class);
    assertThat(planes.carried).containsExactly("c/default/a");
  }

  @Test
  void oneThatIsStoppedBeforeItBeganStartsNothing() throws Exception {
    mesh.close();
    assertThatThrownBy(mesh::start).isInstanceOf(InterruptedException.class);
    assertThat(planes.carried).isEmpty();
    assertThat(temporary.resolve("run/m")).doesNotExist();
  }
}
