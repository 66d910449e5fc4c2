package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When an endpoint counts as silent, and until when. */
class ReachabilityTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may wrap around
  private final AtomicInteger changes = new AtomicInteger();
  private final Reachability endpoint = new Reachability(now::get, changes::incrementAndGet);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void isFoundSilent() {
    long began = endpoint.begin();
    pass(Reachability.LATE);
    endpoint.waitedInVain(began);
  }

  @Test
  void whoTakesConnectionsMeanwhileIsNotSilent() {
    long began = endpoint.begin();
    pass(Duration.ofMillis(1));
    endpoint.connected();
    pass(Reachability.LATE);
    endpoint.waitedInVain(began);

    assertThat(endpoint.isSilent()).isFalse();
    assertThat(changes).hasValue(0);
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
    isFoundSilent();
    endpoint.connected();

    assertThat(endpoint.isSilent()).isFalse();
    assertThat(changes).as("one began, one ended").hasValue(2);
  }
}
