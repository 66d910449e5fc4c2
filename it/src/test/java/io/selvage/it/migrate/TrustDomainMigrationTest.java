package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To another trust domain, with a workload under each of the two control planes. */
@Tag("real")
final class TrustDomainMigrationTest {
  @TempDir static Path home;

  @Test
  void theTrustDomainChangesUnderBothControlPlanes() throws Exception {
    try (var stage = new MigrationStage(home)) {
      var guide = new Guide(stage);
      stage.movePay(guide);
      assertThat(guide.selvage("selvage migrate trust-domain switch example.org", 1))
          .contains("SLV7282");
      for (String command : Guide.commands("trust-domain")) {
        if (command.startsWith("kubectl get authorizationpolicies")) {
          assertThat(guide.selvage("selvage migrate trust-domain drop cluster.local", 1))
              .contains("SLV7282", "pay/callers", "shop/callers");
        }
        guide.run(command);
      }
      assertThat(guide.run("selvage migrate status"))
          .containsPattern("trust domain +example.org\n");
      System.out.println("right answers in the walk trust-domain: " + stage.answers());
    }
  }
}
