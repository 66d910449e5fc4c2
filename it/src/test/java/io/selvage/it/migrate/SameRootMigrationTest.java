package io.selvage.it.migrate;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a running Istio, on its CA: namespace by namespace, and back. */
@Tag("real")
final class SameRootMigrationTest {
  @TempDir static Path home;

  private static void label(MigrationStage stage, String ns, String labels) throws Exception {
    stage.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}".formatted(ns, labels));
  }

  @Test
  void walk() throws Exception {
    try (var stage = new MigrationStage(home)) {
      stage.allIsWell("under istiod");
      stage.startControl();
      stage.allIsWell("with our control plane beside it");
      label(stage, "pay", "selvage.io/injection: enabled");
      stage.node().restart("pay");
      stage.allIsWell("with pay moved");
      label(stage, "shop", "selvage.io/injection: enabled");
      stage.node().restart("shop");
      stage.allIsWell("with shop moved");
      label(stage, "shop", "istio-injection: enabled");
      stage.node().restart("shop");
      stage.allIsWell("with shop back");
      label(stage, "shop", "selvage.io/injection: enabled");
      stage.node().restart("shop");
      stage.node().stopIstiod();
      stage.allIsWell("without istiod");
      stage.node().restart("pay");
      stage.allIsWell("with a new pod");
      System.out.println(stage.controlLog());
      System.out.println("answers " + stage.answers());
    }
  }
}
