package io.selvage.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of neighbours. */
class DebugPagesTest {
  @Test
  void aNeighbourThatDoesNotAnswerIsTimedOut() {
    assertThat(
            DebugPages.standing(
                "east",
                List.of("west"),
                List.of(problem("SLV7261", "west"), problem("SLV7260", "north"))))
        .isEqualTo(Map.of("east", "synced", "west", "timeout", "north", "timeout"));
  }

  @Test
  void aNeighbourOfAnotherRootIsReadAllTheSame() {
    assertThat(DebugPages.standing("east", List.of("west"), List.of(problem("SLV7265", "west"))))
        .isEqualTo(Map.of("east", "synced", "west", "synced"));
  }

  private static Problem problem(String code, String cluster) {
    return Problem.error(code, new SourceLocation("cluster " + cluster, 0, 0), "", "amiss");
  }
}
