package io.selvage.proxy.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A time by which something must have happened, moved at nearly no cost: the timer behind it is set
 * anew only when it rings, or must ring earlier than it will.
 */
final class Deadline implements Runnable {
  private static final long NONE = Long.MAX_VALUE;

  private final EventExecutor loop;
  private final Runnable expired;
  private long at = NONE;
  private long rings = NONE;
  private @Nullable Future<?> timer;

  /**
   * @param expired called on the loop when a deadline passes
   */
  Deadline(EventExecutor loop, Runnable expired) {
    this.loop = loop;
    this.expired = expired;
  }

  /** Moves the deadline; zero nanoseconds: there is none. */
  void in(long nanos, long now) {
    if (nanos == 0) {
      at = NONE;
      return;
    }
    at = now + nanos;
    if (timer == null || rings - at > 0) {
      ring(nanos);
    }
  }

  /** There is no deadline for now. */
  void clear() {
    at = NONE;
  }

  /** There will be none any more. */
  void close() {
    at = NONE;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void ring(long nanos) {
    if (timer != null) {
      timer.cancel(false);
    }
    rings = at;
    timer = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    timer = null;
    if (at == NONE) {
      return;
    }
    long left = at - System.nanoTime();
    if (left > 0) {
      ring(left);
    } else {
      at = NONE;
      expired.run();
    }
  }
}
