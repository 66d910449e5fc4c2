package io.selvage.control.kubernetes.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.control.kubernetes.lease.Leadership.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import org.junit.jupiter.api.Test;

/** Never two that lead, whatever happens to messages, clocks and the store; and soon one again. */
class ElectionTest {
  private static final Times TIMES = Times.DEFAULT;
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private long nanos = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos(); // it will overflow
  private final Store store = new Store();
  private final List<Candidate> candidates = new ArrayList<>();

  /** What may happen to one call of the store. */
  private enum Mishap {
    NONE,
    /** The API server is out of reach. */
    REFUSED,
    /** It takes a while before it is done, and the others go on meanwhile. */
    SLOW,
    /** It is done at once, and the answer takes a while. */
    SLOWLY_HEARD,
    /** It is done, and the answer is lost. */
    UNHEARD
  }

  private final class Store implements LeaseStore {
    private final List<Optional<Stored>> history = new ArrayList<>(List.of(Optional.empty()));
    private int versions;
    private Mishap next = Mishap.NONE;
    private Duration delay = Duration.ZERO;

    Optional<Stored> now() {
      return history.getLast();
    }

    private Mishap take() {
      Mishap taken = next;
      next = Mishap.NONE;
      if (taken == Mishap.REFUSED) {
        throw new IllegalStateException("refused");
      }
      return taken;
    }

    @Override
    public Optional<Stored> read() {
      if (next == Mishap.REFUSED) {
        take();
      }
      return now();
    }

    @Override
    public void write(Optional<Stored> before, LeaseRecord record) {
      Mishap mishap = take();
      if (mishap == Mishap.SLOW) {
        othersGoOn();
      }
      if (!now().equals(before)) {
        throw new IllegalStateException("conflict");
      }
      history.add(Optional.of(new Stored(record, "v" + versions++)));
      if (mishap == Mishap.SLOWLY_HEARD) {
        othersGoOn();
      }
      if (mishap == Mishap.UNHEARD) {
        throw new IllegalStateException("unheard");
      }
    }

    private void othersGoOn() {
      for (Duration passed = Duration.ZERO;
          passed.compareTo(delay) < 0;
          passed = passed.plus(TIMES.retry())) {
        pass(TIMES.retry());
        candidates.forEach(Candidate::attempt);
      }
    }

    void putBack(int steps) {
      history.add(history.get(Math.max(0, history.size() - 1 - steps)));
    }
  }

  private final class Candidate {
    private Duration skew = Duration.ZERO;
    private boolean stopped;
    private final Election election;
    private boolean working;

    Candidate(String name) {
      this.election =
          new Election(
              store,
              name,
              TIMES,
              () -> NOON.plusNanos(stopped ? 0 : nanos).plus(skew),
              () -> nanos);
    }

    void attempt() {
      if (working) {
        return; // it hangs in the call that let others go on
      }
      working = true;
      try {
        election.attempt();
      } catch (IllegalStateException e) {
        assertThat(e.getMessage()).isIn("refused", "conflict", "unheard");
      } finally {
        working = false;
      }
      check();
    }
  }

  private void start(int count) {
    for (int i = 0; i < count; i++) {
      candidates.add(new Candidate("replica-" + i));
    }
    candidates.forEach(Candidate::attempt);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
    check();
  }

  private void check() {
    assertThat(leaders()).as("those that lead").hasSizeLessThanOrEqualTo(1);
  }

  private List<Candidate> leaders() {
    return candidates.stream().filter(one -> one.election.leads()).toList();
  }

  private void rounds(Duration time) {
    for (Duration passed = Duration.ZERO;
        passed.compareTo(time) < 0;
        passed = passed.plus(TIMES.retry())) {
      pass(TIMES.retry());
      candidates.forEach(Candidate::attempt);
    }
  }

  @Test
  void theFirstToComeLeadsAndGoesOnLeading() {
    start(3);
    rounds(Duration.ofMinutes(1));
    assertThat(leaders()).containsExactly(candidates.getFirst());
    assertThat(store.now().orElseThrow().record().transitions()).isZero();
  }

  @Test
  void aLeaderThatDiesIsFollowedWithinTheLeaseAndOneRetry() {
    start(3);
    rounds(Duration.ofSeconds(10));
    candidates.removeFirst();
    rounds(TIMES.lease().plus(TIMES.retry()));
    assertThat(leaders()).hasSize(1);
    assertThat(store.now().orElseThrow().record().transitions()).isEqualTo(1);
  }

  @Test
  void aLeaderThatIsStoppedLeadsNoMoreWhenItGoesOn() {
    start(2);
    pass(TIMES.renewal());
    assertThat(leaders()).isEmpty();
  }

  @Test
  void whoLetsGoIsFollowedAtOnce() {
    start(2);
    candidates.getFirst().election.release();
    assertThat(leaders()).isEmpty();
    candidates.getLast().attempt();
    assertThat(leaders()).containsExactly(candidates.getLast());
  }

  @Test
  void clocksThatAreMinutesApartChangeNothing() {
    for (int minutes : new int[] {10, -10}) {
      candidates.clear();
      store.history.add(Optional.empty());
      start(1);
      Candidate other = new Candidate("other");
      other.skew = Duration.ofMinutes(minutes);
      candidates.add(other);
      rounds(Duration.ofMinutes(1));
      assertThat(leaders()).containsExactly(candidates.getFirst());
    }
  }

  @Test
  void aClockThatStandsStillDoesNotMakeItsLeaderLookDead() {
    start(2);
    candidates.getFirst().stopped = true;
    rounds(Duration.ofMinutes(1));
    assertThat(leaders()).containsExactly(candidates.getFirst());
  }

  @Test
  void whatIsFoundInOnesOwnNameAfterTheStoreWasPutBackIsNobodysYet() {
    start(2);
    Candidate first = candidates.getFirst();
    Candidate second = candidates.getLast();
    first.election.release();
    second.attempt();
    assertThat(leaders()).containsExactly(second);
    store.putBack(2);
    first.attempt();
    assertThat(leaders()).containsExactly(second);
    rounds(TIMES.lease().multipliedBy(2));
    assertThat(leaders()).hasSize(1);
  }

  @Test
  void timesThatWouldMakeTwoLeadersAreRefused() {
    assertThatThrownBy(
            () -> new Times(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Times(Duration.ofMillis(900), Duration.ofMillis(500), Duration.ofMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** One event: who, what, and a length in milliseconds or steps. */
  record Event(int who, int what, int length) {}

  @Provide
  Arbitrary<List<Event>> events() {
    return Combinators.combine(
            Arbitraries.of(0, 1, 2),
            Arbitraries.integers().between(0, 11).withDistribution(RandomDistribution.uniform()),
            Arbitraries.of(1, 5, 20, 500, 1_500, 2_500, 4_000, 6_900, 7_100, 9_900, 12_000))
        .as(Event::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(120);
  }

  @Property(tries = 400)
  void neverTwo(@ForAll("events") List<Event> events) {
    candidates.clear();
    start(3);
    for (Event event : events) {
      happen(event);
    }
    // and when all is well again, soon one leads
    store.next = Mishap.NONE;
    rounds(TIMES.lease().plus(TIMES.renewal()).plus(TIMES.retry().multipliedBy(2)));
    assertThat(leaders()).hasSize(1);
  }

  private void happen(Event event) {
    Candidate who = candidates.get(event.who());
    switch (event.what()) {
      case 0, 1, 2, 3 -> who.attempt();
      case 4, 5 -> pass(Duration.ofMillis(event.length() / 6));
      case 6 -> mishap(who, Mishap.SLOW, event.length());
      case 11 -> mishap(who, Mishap.SLOWLY_HEARD, event.length());
      case 7 -> mishap(who, Mishap.UNHEARD, event.length());
      case 8 -> mishap(who, Mishap.REFUSED, event.length());
      case 9 -> who.skew = Duration.ofSeconds(event.length() - 6_000);
      default -> {
        // A backup is put back, or the Lease is deleted: nobody looks while that lasts.
        pass(TIMES.lease().plusMillis(1));
        store.putBack(event.length() % 50);
      }
    }
  }

  private void mishap(Candidate who, Mishap what, int length) {
    store.next = what;
    store.delay = Duration.ofMillis(length);
    who.attempt();
    store.next = Mishap.NONE;
  }
}
