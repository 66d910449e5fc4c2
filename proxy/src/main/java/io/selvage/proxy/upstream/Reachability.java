package io.selvage.proxy.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether anything answers where an endpoint should be. Where connections are met with silence (a
 * cable is cut, a node is gone, a firewall drops), each request that is sent there costs its client
 * the connect timeout. So an endpoint that has been silent is passed over while there are others;
 * it is tried every {@link #AGAIN} with a connection that carries nothing, and the first connection
 * that comes about ends it. Who refuses at once costs nothing and isn't meant: that is what retries
 * and {@code outlierDetection} are for. Envoy and Istio have no such rule; Linkerd's balancer has a
 * like one, as it chooses among connected endpoints alone.
 */
final class Reachability {
  /** How long a connection is waited for before the endpoint counts as silent. */
  static final Duration LATE = Duration.ofSeconds(1);

  /** How often a silent endpoint is tried. */
  static final Duration AGAIN = Duration.ofSeconds(5);

  private final LongSupplier nanoTime;
  private final Runnable changed;
  private final AtomicLong next;
  private volatile long lastConnected;
  private volatile boolean silent;

  /**
   * Not silent.
   *
   * @param changed is called when it gets silent or ends being so
   */
  Reachability(LongSupplier nanoTime, Runnable changed) {
    this.nanoTime = nanoTime;
    this.changed = changed;
    this.lastConnected = nanoTime.getAsLong();
    this.next = new AtomicLong(lastConnected);
  }

  /** When an attempt begins, for {@link #waitedInVain}. */
  long begin() {
    return nanoTime.getAsLong();
  }

  void connected() {
    lastConnected = nanoTime.getAsLong();
    if (silent) {
      silent = false;
      changed.run();
    }
  }

  /**
   * An attempt has been waiting for {@link #LATE}.
   *
   * @param began by {@link #begin}; others may have connected since
   */
  void waitedInVain(long began) {
    if (lastConnected - began > 0) {
      return;
    }
    next.set(nanoTime.getAsLong() + AGAIN.toNanos());
    if (!silent) {
      silent = true;
      changed.run();
    }
  }

  boolean isSilent() {
    return silent;
  }

  /** Whether the caller is the one who is to try it now. */
  boolean isToBeTried() {
    long due = next.get();
    long now = nanoTime.getAsLong();
    return now - due >= 0 && next.compareAndSet(due, now + AGAIN.toNanos());
  }
}
