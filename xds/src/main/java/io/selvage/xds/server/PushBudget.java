package io.selvage.xds.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much may be on its way to clients at a time. A thousand clients that come at once must not
 * have gigabytes lie in the memory of the one that serves them: each waits until others have read
 * theirs. Who doesn't read is not counted after a while, lest it stops the others.
 *
 * @param <C> a client
 */
final class PushBudget<C> {
  /** What is smaller goes out at once: changes are small, and shall not wait. */
  static final long SMALL = 64 << 10;

  private final long limit;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final Map<C, Share> shares = new HashMap<>();

  /** Who waits, for how many bytes. */
  private final Map<C, Long> waiting = new LinkedHashMap<>();

  private long taken;

  private record Share(long bytes, long since) {}

  /**
   * A budget.
   *
   * @param limit of bytes on their way; one client may go beyond it when nobody else sends
   * @param patienceNanos how long a client's bytes are counted that it doesn't read
   * @param nanoTime a clock that only goes forward, ns
   */
  PushBudget(long limit, long patienceNanos, LongSupplier nanoTime) {
    this.limit = limit;
    this.patienceNanos = patienceNanos;
    this.nanoTime = nanoTime;
  }

  /** Whether the client may be sent so much now; if not, {@link #next} names it later. */
  synchronized boolean take(C client, long bytes) {
    if (bytes < SMALL) {
      return true;
    }
    if (taken > 0 && taken + bytes > limit) {
      forgetWhoDoesNotRead();
    }
    if (taken > 0 && taken + bytes > limit) {
      waiting.put(client, bytes);
      return false;
    }
    waiting.remove(client);
    taken += bytes;
    shares.merge(
        client,
        new Share(bytes, nanoTime.getAsLong()),
        (a, b) -> new Share(a.bytes() + b.bytes(), b.since()));
    return true;
  }

  private void forgetWhoDoesNotRead() {
    long now = nanoTime.getAsLong();
    for (Iterator<Share> each = shares.values().iterator(); each.hasNext(); ) {
      Share share = each.next();
      if (now - share.since() > patienceNanos) {
        taken -= share.bytes();
        each.remove();
      }
    }
  }

  /** The client has read what it was sent. */
  synchronized void read(C client) {
    Share share = shares.remove(client);
    if (share != null) {
      taken -= share.bytes();
    }
  }

  /** The client is gone. */
  synchronized void gone(C client) {
    read(client);
    waiting.remove(client);
  }

  /**
   * Who waits and may ask again now, in the order in which they came: those whose bytes there is
   * room for, so that none asks in vain. Empty when none may.
   */
  synchronized List<C> next() {
    if (waiting.isEmpty()) {
      return List.of();
    }
    if (taken >= limit) {
      forgetWhoDoesNotRead();
    }
    List<C> next = new ArrayList<>();
    long with = taken;
    for (Iterator<Map.Entry<C, Long>> each = waiting.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<C, Long> first = each.next();
      if (with > 0 && with + first.getValue() > limit) {
        break;
      }
      with += first.getValue();
      next.add(first.getKey());
      each.remove();
    }
    return next;
  }

  /** Whether anybody waits. */
  synchronized boolean isAwaited() {
    return !waiting.isEmpty();
  }
}
