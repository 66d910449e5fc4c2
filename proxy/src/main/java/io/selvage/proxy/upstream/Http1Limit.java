package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of HTTP/1.1 a cluster may have, and how many requests may wait for one
 * ({@code max_connections}, {@code max_pending_requests}), all event loops together.
 */
final class Http1Limit {
  private final int maxConnections;
  private final int maxPending;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();

  private Http1Limit(Cluster.Limits limits) {
    this.maxConnections = limits.maxConnections();
    this.maxPending = limits.maxPendingRequests();
  }

  /** Null where there is nothing to count. */
  static @Nullable Http1Limit of(Cluster.Limits limits) {
    boolean none =
        limits.maxConnections() == Integer.MAX_VALUE
            && limits.maxPendingRequests() == Integer.MAX_VALUE;
    return none ? null : new Http1Limit(limits);
  }

  /**
   * Takes a place for another connection if there is one.
   *
   * @param first the pool has none: as in Envoy it may have one in any case, or what waits in it
   *     would wait for the connections of others, of which it does not hear
   */
  boolean opens(boolean first) {
    if (connections.incrementAndGet() <= maxConnections || first) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  void closed() {
    connections.decrementAndGet();
  }

  /** Takes a place for another request that has no connection yet, if there is one. */
  boolean waits() {
    if (pending.incrementAndGet() <= maxPending) {
      return true;
    }
    pending.decrementAndGet();
    return false;
  }

  void waitsNoLonger() {
    pending.decrementAndGet();
  }
}
