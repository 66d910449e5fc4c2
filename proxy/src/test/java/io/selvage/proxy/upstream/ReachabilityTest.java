package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When an endpoint counts as silent, and until when. */
class ReachabilityTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may wrap around
  private final Reachability endpoint = new Reachability(now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void isFoundSilent() {
    long began = endpoint.begin();
    pass(Reachability.LATE);
    endpoint.notConnected(began);
  }

  @Test
  void whoRefusesAtOnceIsNotSilent() {
    long began = endpoint.begin();
    pass(Reachability.LATE.minusNanos(1));
    endpoint.notConnected(began);

    assertThat(endpoint.isSilent()).isFalse();
  }

  @Test
  void whoIsSilentIsTriedByOneNowAndThen() {
    isFoundSilent();
    assertThat(endpoint.isSilent()).isTrue();

    pass(Reachability.AGAIN.minusNanos(1));
    assertThat(endpoint.isToBeTried()).isFalse();

    pass(Duration.ofNanos(1));
    assertThat(endpoint.isToBeTried()).isTrue();
    assertThat(endpoint.isToBeTried()).as("by one, not by all").isFalse();
    assertThat(endpoint.isSilent()).as("until it is known").isTrue();
  }

  @Test
  void oneConnectionEndsIt() {
    isFoundSilent();
    endpoint.connected();

    assertThat(endpoint.isSilent()).isFalse();
    pass(Reachability.AGAIN);
    assertThat(endpoint.isToBeTried()).isFalse();
  }
}
