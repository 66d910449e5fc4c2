package io.selvage.ca.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How one request is repeated: as Istio's agent, five tries, from 100 ms doubling, jitter a tenth,
 * and only for what may pass by itself. A refusal to authenticate does not.
 *
 * @param tries of which the first is not a repeat
 * @param first the wait before the first repeat
 */
public record RetryPolicy(int tries, Duration first) {
  public static final RetryPolicy DEFAULT = new RetryPolicy(5, Duration.ofMillis(100));

  private static final Set<Status.Code> PASSING =
      EnumSet.of(
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED,
          Status.Code.INTERNAL,
          Status.Code.UNAVAILABLE);

  boolean repeats(Status.Code code, int triesMade) {
    return triesMade < tries && PASSING.contains(code);
  }

  /** The wait before the next try. */
  Duration delay(int triesMade, RandomGenerator random) {
    double millis = first.toMillis() * Math.pow(2, triesMade - 1.0);
    return Duration.ofMillis((long) (millis * (0.9 + 0.2 * random.nextDouble())));
  }
}
