package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RolloutTest {
  @Test
  void ofALogTheLatestThatIsWaitedForIsTakenWithAllOfItsLines() {
    String log =
        """
        2026-01-01T00:00:00.1Z WARN not ready, waiting for the API server
        2026-01-01T00:00:01.1Z WARN not ready, waiting for permissions: SLV6001 a may not list pods
          SLV6001 a may not list nodes
        This grants it:
        kubectl auth reconcile -f -
        2026-01-01T00:00:02.1Z INFO something else
        """;
    assertThat(Rollout.lastSaid(log))
        .contains(
            """
            not ready, waiting for permissions: SLV6001 a may not list pods
              SLV6001 a may not list nodes
            This grants it:
            kubectl auth reconcile -f -\
            """);
  }

  @Test
  void aLogThatWaitsForNothingSaysNothing() {
    assertThat(Rollout.lastSaid("2026-01-01T00:00:02.1Z INFO leads\n")).isEmpty();
  }
}
