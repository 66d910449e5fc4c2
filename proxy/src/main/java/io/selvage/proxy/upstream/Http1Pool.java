package io.selvage.proxy.upstream;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The idle HTTP/1.1 connections to one endpoint on one event loop, the warmest on top. */
final class Http1Pool {
  private final Deque<Http1Upstream> idle = new ArrayDeque<>();
  private final java.util.function.LongSupplier nanoTime;

  Http1Pool(java.util.function.LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Nullable Http1Upstream take() {
    Http1Upstream top = idle.pollLast();
    while (top != null && !top.isOpen()) {
      top = idle.pollLast();
    }
    return top;
  }

  void giveBack(Http1Upstream connection) {
    connection.idleSince = nanoTime.getAsLong();
    idle.addLast(connection);
  }

  void remove(Http1Upstream connection) {
    idle.remove(connection);
  }

  /** Closes what was idle for longer than {@code nanos}. */
  void sweep(long nanos) {
    long now = nanoTime.getAsLong();
    while (!idle.isEmpty() && now - idle.peekFirst().idleSince > nanos) {
      idle.pollFirst().close();
    }
  }

  void closeAll() {
    while (!idle.isEmpty()) {
      idle.pollFirst().close();
    }
  }
}
