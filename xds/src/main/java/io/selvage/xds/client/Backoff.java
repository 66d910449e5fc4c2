package io.selvage.xds.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to stay away after a stream was lost: 1 s, growing by 1.6 up to 30 s, each a fifth more
 * or less, so that a thousand proxies don't come back at once.
 */
final class Backoff {
  private static final double FIRST_MILLIS = 1000;
  private static final double MOST_MILLIS = 30_000;
  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;

  private final RandomGenerator random;
  private double millis = FIRST_MILLIS;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    double spread = 1 - JITTER + 2 * JITTER * random.nextDouble();
    Duration delay = Duration.ofMillis(Math.round(millis * spread));
    millis = Math.min(MOST_MILLIS, millis * GROWTH);
    return delay;
  }

  /** The control plane answered: the next loss starts anew. */
  void reset() {
    millis = FIRST_MILLIS;
  }
}
