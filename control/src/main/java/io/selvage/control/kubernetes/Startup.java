package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What begins step by step, each step tried until it works, and ends with what began last first.
 * Meanwhile the readiness endpoint says what is waited for, and why.
 */
final class Startup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  private final Readiness readiness;
  private final Duration retry;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** A step that may have to be tried again. */
  interface Step<T> {
    /** What came of it; empty, or a failure: not yet. */
    Optional<T> attempt() throws IOException;
  }

  /** Why it was not run to the end. */
  static final class Closed extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Nothing has begun.
   *
   * @param retry between tries of what does not work yet
   */
  Startup(Readiness readiness, Duration retry) {
    this.readiness = readiness;
    this.retry = retry;
  }

  /** Tries until it works; {@code what} is what is waited for. */
  <T> T until(String what, Step<T> step) throws Closed, InterruptedException {
    String told = "";
    readiness.waitsFor(what);
    while (true) {
      String reason = what;
      try {
        Optional<T> done = step.attempt();
        if (done.isPresent()) {
          return done.get();
        }
      } catch (KubernetesClientException e) {
        reason = what + ": the API server: " + e.getMessage();
        readiness.waitsFor(reason);
      } catch (IOException e) {
        reason = what + ": " + e.getMessage();
        readiness.waitsFor(reason);
      }
      if (!reason.equals(told)) {
        LOG.warn("not ready, waiting for {}", reason);
        told = reason;
      }
      if (closing.await(retry.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Closed();
      }
    }
  }

  /** Has {@code part} closed in the end, at once when that has come. */
  <T extends AutoCloseable> T keep(T part) {
    synchronized (started) {
      started.push(part);
    }
    if (isClosing()) {
      close();
    }
    return part;
  }

  /** Whether the end has come. */
  boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Ends what has begun, the latest first; a step that waits ends with {@link Closed}. */
  @Override
  public void close() {
    closing.countDown();
    while (true) {
      AutoCloseable next;
      synchronized (started) {
        if (started.isEmpty()) {
          return;
        }
        next = started.pop();
      }
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("{} does not close", next, e);
      }
    }
  }
}
