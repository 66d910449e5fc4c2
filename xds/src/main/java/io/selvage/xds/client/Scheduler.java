package io.selvage.xds.client;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs things later; a parameter, so that tests need not wait. */
@FunctionalInterface
public interface Scheduler {
  /** Runs the task once, after the delay; the result takes it back. */
  Runnable after(Duration delay, Runnable task);

  /** A scheduler on real time. */
  static Scheduler on(ScheduledExecutorService executor) {
    return (delay, task) -> {
      Future<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    };
  }
}
