package io.selvage.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many requests a client may take back. */
class PrematureResetsTest {
  private final PrematureResets resets = new PrematureResets();

  private void answered(int count) {
    for (int i = 0; i < count; i++) {
      resets.ended();
    }
  }

  private boolean takenBack(int count) {
    boolean tooMany = false;
    for (int i = 0; i < count; i++) {
      tooMany = resets.isOneTooMany();
      resets.ended();
    }
    return tooMany;
  }

  @Test
  void halfOfTheFirstFiveHundredAreTooMany() {
    assertThat(takenBack(249)).isFalse();
    assertThat(takenBack(1)).isTrue();
  }

  @Test
  void afterwardsItIsHalfOfAll() {
    answered(10_000);
    assertThat(takenBack(9_999)).isFalse();
    assertThat(takenBack(1)).isTrue();
  }
}
