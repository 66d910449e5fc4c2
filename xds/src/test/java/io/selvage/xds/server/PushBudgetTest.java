package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PushBudgetTest {
  private static final long BIG = PushBudget.SMALL * 4;

  private final AtomicLong nanos = new AtomicLong();
  private final PushBudget<String> budget = new PushBudget<>(2 * BIG, 100, nanos::get);

  @Test
  void whoComesWhenTooMuchIsOnItsWayWaitsUntilSomebodyHasRead() {
    assertThat(budget.take("a", BIG)).isTrue();
    assertThat(budget.take("b", BIG)).isTrue();
    assertThat(budget.take("c", BIG)).isFalse();
    assertThat(budget.next()).isEmpty();
    budget.read("a");
    assertThat(budget.next()).containsExactly("c");
    assertThat(budget.take("c", BIG)).isTrue();
  }

  @Test
  void onlyThoseAskAgainThatThereIsRoomFor() {
    budget.take("a", BIG);
    budget.take("b", BIG);
    budget.take("c", BIG);
    budget.take("d", BIG);
    budget.read("a");
    assertThat(budget.next()).containsExactly("c");
    assertThat(budget.take("c", BIG)).isTrue();
    assertThat(budget.next()).isEmpty();
    budget.read("b");
    budget.read("c");
    assertThat(budget.next()).containsExactly("d");
    assertThat(budget.isAwaited()).isFalse();
  }

  @Test
  void whoNeedsMoreThanThereIsRoomForIsNotOvertaken() {
    budget.take("a", BIG);
    budget.take("large", 2 * BIG);
    budget.take("later", 2 * BIG);
    assertThat(budget.next()).isEmpty();
    budget.read("a");
    assertThat(budget.next()).containsExactly("large");
  }

  @Test
  void whatIsSmallGoesOutAtOnce() {
    budget.take("a", 2 * BIG);
    assertThat(budget.take("b", PushBudget.SMALL - 1)).isTrue();
    assertThat(budget.isAwaited()).isFalse();
  }

  @Test
  void whatIsLargerThanAllOfItGoesOutAlone() {
    assertThat(budget.take("a", 9 * BIG)).isTrue();
    assertThat(budget.take("b", BIG)).isFalse();
  }

  @Test
  void whoDoesNotReadIsNotCountedAfterAWhile() {
    budget.take("slow", 2 * BIG);
    nanos.set(100);
    assertThat(budget.take("b", BIG)).isFalse();
    nanos.set(101);
    assertThat(budget.next()).containsExactly("b");
    assertThat(budget.take("b", BIG)).isTrue();
    budget.read("slow"); // late; its share isn't given back twice
    assertThat(budget.take("c", BIG)).isTrue();
    assertThat(budget.take("d", BIG)).isFalse();
  }

  @Test
  void whoIsGoneNeitherHoldsNorWaits() {
    budget.take("a", 2 * BIG);
    budget.take("b", BIG);
    budget.gone("b");
    budget.gone("a");
    assertThat(budget.isAwaited()).isFalse();
    assertThat(budget.take("c", 2 * BIG)).isTrue();
  }
}
