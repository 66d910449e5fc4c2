package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.Main;
import io.selvage.it.stage.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mesh on one machine pays for the Kubernetes that it doesn't use. */
@Tag("real")
final class KubernetesCostTest {
  @TempDir private Path home;

  @Test
  void aMeshOnOneMachineLoadsNothingOfIt() throws Exception {
    Path loaded = home.resolve("loaded");
    Tool.run(
            Map.of(),
            Tool.java(
                List.of("-Xlog:class+load=info:file=" + loaded + ":none"),
                Main.class,
                "warm-up",
                "mesh"))
        .well();
    List<String> classes = Files.readAllLines(loaded);
    assertThat(classes).anyMatch(line -> line.startsWith("io.selvage.control.ControlPlane "));
    assertThat(classes)
        .noneMatch(
            line ->
                line.startsWith("io.fabric8.")
                    || line.startsWith("com.fasterxml.jackson.databind."));
  }
}
