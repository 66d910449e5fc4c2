package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadsWatchTest {

  private static final String ONE = "workloads:\n- {name: a, command: [sleep, '1']}\n";
  private static final String TWO = ONE + "- {name: b, command: [sleep, '1']}\n";

  @TempDir private Path folder;
  private final Told told = new Told();
  private final List<Integer> plans = new ArrayList<>();
  private Path file;
  private WorkloadsWatch watch;

  @BeforeEach
  void begin() throws IOException {
    file = Files.writeString(folder.resolve("workloads.yaml"), ONE);
    watch =
        new WorkloadsWatch(
            file,
            () -> MeshPlan.read("m", folder, "c"),
            plan -> plans.add(plan.workloads().size()),
            told);
  }

  private void looks() throws InterruptedException {
    watch.look();
    watch.look();
  }

  @Test
  void anUnchangedFileIsLeftAlone() throws Exception {
    looks();
    assertThat(plans).isEmpty();
    assertThat(told.taken()).isEmpty();
  }

  @Test
  void aChangeIsTakenOnceItRests() throws Exception {
    Files.writeString(file, TWO);
    watch.look();
    assertThat(plans).isEmpty();
    watch.look();
    watch.look();
    assertThat(plans).containsExactly(2);
  }

  @Test
  void aMistakeIsToldAndTheNextGoodVersionIsTaken() throws Exception {
    Files.writeString(file, "workloads:\n- {nme: a, command: [sleep, '1']}\n");
    looks();
    assertThat(plans).isEmpty();
    assertThat(told.taken())
        .singleElement()
        .asString()
        .startsWith("B ")
        .contains("workloads[0].nme: is not a field here; did you mean \"name\"?")
        .endsWith("the workloads stay as they are");
    Files.writeString(file, TWO);
    looks();
    assertThat(told.taken()).containsExactly("G " + file + " is good again");
    assertThat(plans).containsExactly(2);
  }

  @Test
  void aFileThatIsGoneChangesNothing() throws Exception {
    Files.delete(file);
    looks();
    assertThat(told.taken()).singleElement().asString().contains("is gone");
    assertThat(plans).isEmpty();
  }
}
