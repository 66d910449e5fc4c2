package io.selvage.control.kubernetes.lease;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the leading replica does about objects, one at a time: a key waits once however often
 * it is named, what fails is tried again, sooner at first, and while another replica leads
 * everything waits.
 *
 * @param <K> what says which object is meant
 */
public final class LeaderWork<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderWork.class);
  private static final Duration SWEEP = Duration.ofMillis(500);
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LAST_RETRY = Duration.ofSeconds(1);

  private final String code;
  private final String what;
  private final BooleanSupplier mayWork;
  private final Task<K> task;
  private final Map<K, Waiting> waiting = new HashMap<>();
  private final ScheduledExecutorService worker;

  /** What is done about a key. */
  public interface Task<K> {
    /**
     * Looks how it stands with the object, and sets it right.
     *
     * @throws KubernetesClientException when that failed: it is tried again
     */
    void work(K key);
  }

  /**
   * A key that waits.
   *
   * @param from not before, in {@link System#nanoTime}
   * @param failures in a row so far
   */
  private record Waiting(long from, int failures) {
    Waiting earlier(Waiting other) {
      return other.from - from < 0 ? new Waiting(other.from, failures) : this;
    }
  }

  /**
   * Begins.
   *
   * @param code under which failures are told
   * @param what in messages, such as a kind; a key follows it
   * @param mayWork whether this replica leads and knows enough; or, where others step in, that it
   *     knows enough
   */
  public LeaderWork(String code, String what, BooleanSupplier mayWork, Task<K> task) {
    this.code = code;
    this.what = what;
    this.mayWork = mayWork;
    this.task = task;
    this.worker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("selvage-work-" + what.replace(' ', '-')).factory());
    var _ =
        worker.scheduleWithFixedDelay(
            this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Something about the object may have changed: it is looked at soon. */
  public void look(K key) {
    look(key, Duration.ZERO);
  }

  /** The same, but not before {@code delay} has passed. */
  public void look(K key, Duration delay) {
    wait(key, new Waiting(System.nanoTime() + delay.toNanos(), 0));
  }

  private void wait(K key, Waiting fresh) {
    synchronized (waiting) {
      waiting.merge(key, fresh, Waiting::earlier);
    }
    try {
      var _ =
          worker.schedule(
              this::sweep, Math.max(0, fresh.from - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("{} {} changed after the end", what, key);
    }
  }

  private void sweep() {
    while (mayWork.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      List<Map.Entry<K, Waiting>> due;
      synchronized (waiting) {
        long now = System.nanoTime();
        due =
            waiting.entrySet().stream()
                .filter(entry -> entry.getValue().from - now <= 0)
                .limit(1)
                .map(Map.Entry::copyOf)
                .toList();
        due.forEach(entry -> waiting.remove(entry.getKey()));
      }
      if (due.isEmpty()) {
        return;
      }
      work(due.getFirst().getKey(), due.getFirst().getValue().failures());
    }
  }

  private void work(K key, int failures) {
    try {
      task.work(key);
    } catch (KubernetesClientException e) {
      again(key, failures);
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        LOG.warn("{} {} {} is not kept: {}", code, what, key, e.getMessage());
      }
    } catch (RuntimeException e) {
      again(key, failures);
      LOG.error("{} {} {} is not kept", code, what, key, e);
    }
  }

  private void again(K key, int failures) {
    Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures, 10));
    Duration capped = delay.compareTo(LAST_RETRY) < 0 ? delay : LAST_RETRY;
    wait(key, new Waiting(System.nanoTime() + capped.toNanos(), failures + 1));
  }

  @Override
  public void close() {
    worker.shutdownNow();
    try {
      var _ = worker.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
