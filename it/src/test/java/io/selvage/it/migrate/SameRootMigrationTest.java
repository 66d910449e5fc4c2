package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.migrate.MigrationStage.Sidecars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Beside a running Istio, on its CA: namespace by namespace, and back. */
@Tag("real")
final class SameRootMigrationTest {
  @TempDir static Path home;

  /** Istio's agent runs as another user, who has to pass. */
  @BeforeAll
  static void open() throws IOException {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @EnumSource(Sidecars.class)
  void workloadsMoveFromIstiodAndBackWithoutALostOrWronglyAllowedRequest(Sidecars sidecars)
      throws Exception {
    Path folder = Files.createDirectory(home.resolve(sidecars.name()));
    try (var stage = new MigrationStage(folder, sidecars)) {
      var guide = new Guide(stage);
      guide.walk("same-root");
      assertThat(guide.run("selvage migrate status"))
          .containsPattern("istiod +none")
          .containsPattern("pay +istio.io/rev=selvage +0 +1");
      guide.run("kubectl -n pay rollout restart deployment");
      System.out.println(
          "right answers in the walk same-root, " + sidecars + ": " + stage.answers());
    }
  }
}
