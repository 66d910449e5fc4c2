package io.selvage.ca.client;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When a certificate is renewed: as Istio's agent, {@code max(0, expiry - ratio * lifetime - now)}
 * with the ratio moved a little at random, so that a fleet started together does not renew
 * together.
 *
 * @param ratio the part of the lifetime that is left when renewal is due, 0 to 1
 * @param jitter how far the ratio moves to either side, 0 to 1
 */
public record RotationSchedule(double ratio, double jitter) {
  /** SECRET_GRACE_PERIOD_RATIO 0.5, jitter 0.01. */
  public static final RotationSchedule DEFAULT = new RotationSchedule(0.5, 0.01);

  public RotationSchedule {
    if (!(ratio >= 0 && ratio <= 1 && jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("ratio and jitter lie between 0 and 1");
    }
  }

  /**
   * How long to wait from now.
   *
   * @param received when the certificate came. Its own start lies before, since authorities date it
   *     back; half of that span could be over for a short-lived one as it comes
   */
  public Duration delay(Instant received, Instant notAfter, Instant now, RandomGenerator random) {
    double moved = ratio + jitter * (2 * random.nextDouble() - 1);
    double left = Math.clamp(moved, 0, 1) * Duration.between(received, notAfter).toMillis();
    Duration delay = Duration.between(now, notAfter).minusMillis((long) left);
    return delay.isNegative() ? Duration.ZERO : delay;
  }

  /**
   * How long to wait after renewals failed: a twentieth of what is left, from one second to five
   * minutes; when nothing is left, from one second doubling to fifteen, so that an authority that
   * comes back is not overrun. Moved by up to a tenth.
   *
   * @param failures in a row, 1 or more
   */
  public Duration retryDelay(Instant notAfter, Instant now, int failures, RandomGenerator random) {
    long left = Duration.between(now, notAfter).toMillis();
    long millis =
        left > 0
            ? Math.clamp(left / 20, 1_000, 300_000)
            : Math.min(15_000, 1_000L << Math.min(failures - 1, 10));
    return Duration.ofMillis((long) (millis * (0.9 + 0.2 * random.nextDouble())));
  }
}
