package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster.OutlierDetection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Which endpoints of a cluster are set aside because they fail ({@code outlier_detection}). They
 * come back by themselves, and stay away the longer the sooner they fail again.
 */
final class Outliers {
  private static final long LONGEST = Duration.ofMinutes(5).toNanos();
  private static final int WHOLE = 100;

  private final OutlierDetection rules;
  private final LongSupplier nanoTime;
  private final Runnable changed;
  private final List<Answers> aside = new ArrayList<>();
  private volatile long next;
  private volatile boolean some;

  /**
   * None yet.
   *
   * @param changed is called when one is set aside or comes back
   */
  Outliers(OutlierDetection rules, LongSupplier nanoTime, Runnable changed) {
    this.rules = rules;
    this.nanoTime = nanoTime;
    this.changed = changed;
  }

  /** How one endpoint has answered. */
  final class Answers {
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger gateway = new AtomicInteger();
    private final LongSupplier count;
    private volatile boolean isAside;
    private long until;
    private int times;

    private Answers(LongSupplier count) {
      this.count = count;
    }

    boolean isAside() {
      return isAside;
    }

    void answered(int status) {
      if (status < 500) {
        reset(errors);
        reset(gateway);
        return;
      }
      int inARow = errors.incrementAndGet();
      boolean fails = rules.consecutive5xx() > 0 && inARow >= rules.consecutive5xx();
      if (status >= 502 && status <= 504) {
        int gatewayInARow = gateway.incrementAndGet();
        fails |= rules.consecutiveGateway() > 0 && gatewayInARow >= rules.consecutiveGateway();
      } else {
        reset(gateway);
      }
      if (fails && !isAside) {
        setAside(this);
      }
    }

    private static void reset(AtomicInteger counter) {
      if (counter.get() != 0) {
        counter.set(0);
      }
    }
  }

  /**
   * For one endpoint.
   *
   * @param count of the cluster's endpoints
   */
  Answers of(LongSupplier count) {
    return new Answers(count);
  }

  private void setAside(Answers record) {
    synchronized (this) {
      boolean allowed =
          aside.isEmpty()
              || (aside.size() + 1L) * WHOLE
                  <= rules.maxEjectionPercent() * record.count.getAsLong();
      if (record.isAside || !allowed) {
        return;
      }
      long now = nanoTime.getAsLong();
      long quiet = record.times == 0 ? 0 : Math.max(0, now - record.until);
      long forgiven = quiet / Math.max(1, rules.interval().toNanos());
      record.times = (int) Math.max(0, record.times - forgiven) + 1;
      long base = rules.baseEjection().toNanos();
      record.until = now + Math.min(base * record.times, Math.max(base, LONGEST));
      record.isAside = true;
      Answers.reset(record.errors);
      Answers.reset(record.gateway);
      aside.add(record);
      plan();
    }
    changed.run();
  }

  private void plan() {
    some = !aside.isEmpty();
    if (some) {
      long now = nanoTime.getAsLong();
      next = now + aside.stream().mapToLong(record -> record.until - now).min().orElseThrow();
    }
  }

  /** Lets those come back whose time is over. */
  void look() {
    if (!some || nanoTime.getAsLong() - next < 0) {
      return;
    }
    synchronized (this) {
      long now = nanoTime.getAsLong();
      for (Answers record : List.copyOf(aside)) {
        if (now - record.until >= 0) {
          record.isAside = false;
          aside.remove(record);
        }
      }
      plan();
    }
    changed.run();
  }

  /** Those that are no longer configured do not count. */
  void retain(List<Answers> configured) {
    synchronized (this) {
      aside.removeIf(record -> !configured.contains(record));
      plan();
    }
  }
}
