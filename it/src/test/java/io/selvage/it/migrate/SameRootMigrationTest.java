package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a running Istio, on its CA: namespace by namespace, and back. */
@Tag("real")
final class SameRootMigrationTest {
  @TempDir static Path home;

  @Test
  void workloadsMoveFromIstiodAndBackWithoutALostOrWronglyAllowedRequest() throws Exception {
    try (var stage = new MigrationStage(home)) {
      var guide = new Guide(stage);
      guide.walk("same-root");
      assertThat(guide.run("selvage migrate status"))
          .containsPattern("istiod +none")
          .containsPattern("pay +selvage.io/injection=enabled +0 +1");
      guide.run("kubectl -n pay rollout restart deployment");
      System.out.println("right answers in the walk same-root: " + stage.answers());
    }
  }
}
