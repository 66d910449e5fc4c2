package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To another root, with a workload under each of the two control planes. */
@Tag("real")
final class RootChangeMigrationTest {
  @TempDir static Path home;

  @Test
  void theRootChangesUnderBothControlPlanesAndNoStepCanBeTakenTooEarly() throws Exception {
    try (var stage = new MigrationStage(home)) {
      var guide = new Guide(stage);
      stage.movePay(guide);
      String before = stage.roots("shop");
      guide.selvage("selvage migrate root switch", 1);
      for (String command : Guide.commands("root")) {
        early(guide, command);
        guide.run(command);
      }
      String after = stage.roots("shop");
      assertThat(after).isNotEqualTo(before).isEqualTo(stage.roots("pay"));
      assertThat(guide.run("selvage migrate root finish")).contains("no root change is under way");
      System.out.println("right answers in the walk root: " + stage.answers());
    }
  }

  /** What would cut somebody off is refused before the command that makes it safe. */
  private static void early(Guide guide, String command) throws Exception {
    if (command.startsWith("kubectl -n pay rollout restart deployment")) {
      for (String step : List.of("switch", "finish")) {
        assertThat(guide.refused("selvage migrate root " + step))
            .as("%s before `%s`", step, command)
            .containsAnyOf("SLV7282", "SLV7283", "signs already");
      }
    }
  }
}
