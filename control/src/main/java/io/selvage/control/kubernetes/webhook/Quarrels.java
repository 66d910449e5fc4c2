package io.selvage.control.kubernetes.webhook;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Who else keeps writing what is set right here: the first times it is set right at once; where it
 * goes on, a moment is waited each time, so that two programs that disagree don't keep an API
 * server busy.
 */
final class Quarrels<K> {
  private static final Duration REMEMBERED = Duration.ofSeconds(10);
  private static final int AT_ONCE = 10;
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final LongSupplier nanos;
  private final Map<K, Deque<Long>> rounds = new HashMap<>();

  Quarrels(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** It was set right now. */
  synchronized void setRight(K key) {
    recent(key).addLast(nanos.getAsLong());
  }

  /** How long to wait before it is set right again. */
  synchronized Duration patience(K key) {
    return recent(key).size() < AT_ONCE ? Duration.ZERO : PATIENCE;
  }

  private Deque<Long> recent(K key) {
    Deque<Long> all = rounds.computeIfAbsent(key, _ -> new ArrayDeque<>());
    long now = nanos.getAsLong();
    while (!all.isEmpty() && now - all.getFirst() > REMEMBERED.toNanos()) {
      all.removeFirst();
    }
    return all;
  }
}
