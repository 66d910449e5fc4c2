package io.selvage.proxy.upstream;

import io.netty.channel.EventLoop;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1.1 connections to one endpoint on one event loop: the idle ones, the warmest on top,
 * and the requests that wait for one where their number has a limit.
 */
final class Http1Pool {
  private final Endpoint endpoint;
  private final Connecting connecting;
  private final EventLoop loop;
  private final LongSupplier nanoTime;
  private final Deque<Http1Upstream> idle = new ArrayDeque<>();

  // ---- only where there is a limit

  private final @Nullable Http1Limit limit;
  private final Deque<Http1Waiting> waiting = new ArrayDeque<>(0);
  private int open;

  Http1Pool(Endpoint endpoint, Connecting connecting, EventLoop loop, LongSupplier nanoTime) {
    this.endpoint = endpoint;
    this.connecting = connecting;
    this.limit = connecting.limit();
    this.loop = loop;
    this.nanoTime = nanoTime;
  }

  /** An idle connection, unless there is none or others have waited for it. */
  @Nullable Http1Upstream take() {
    return waiting.isEmpty() ? top() : null;
  }

  private @Nullable Http1Upstream top() {
    Http1Upstream top = idle.pollLast();
    while (top != null && !top.isOpen()) {
      top = idle.pollLast();
    }
    return top;
  }

  void giveBack(Http1Upstream connection) {
    connection.idleSince = nanoTime.getAsLong();
    idle.addLast(connection);
    if (!waiting.isEmpty()) {
      loop.execute(this::serve);
    }
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

  // ---- a cluster that may have only so many

  /** Puts a request in line, or refuses it once this has returned. */
  UpstreamStream await(Http1Waiting request) {
    if (limit == null || limit.waits()) {
      waiting.addLast(request);
      serve();
    } else {
      UpstreamFailure overflow =
          UpstreamFailure.early(Kind.OVERFLOW, endpoint + ": as many wait for it as may");
      loop.execute(() -> request.isRefused(overflow));
    }
    return request;
  }

  /** Nobody wants this request's answer any more. */
  void leaves(Http1Waiting request) {
    if (waiting.remove(request)) {
      waitsNoLonger();
    }
  }

  /** One that was counted as waiting has its connection, or needs none. */
  void waitsNoLonger() {
    if (limit != null) {
      limit.waitsNoLonger();
    }
  }

  private void serve() {
    for (Http1Waiting first = waiting.peekFirst(); first != null; first = waiting.peekFirst()) {
      Http1Upstream connection = top();
      if (connection != null) {
        waitsNoLonger();
      } else if (limit == null || limit.opens(open == 0)) {
        open++;
        connection = new Http1Upstream(endpoint, this);
        connection.isWaitedFor();
        connecting.http1(loop, endpoint, connection);
      } else {
        return;
      }
      waiting.removeFirst();
      first.goesTo(connection);
    }
  }

  /** A connection of this pool has ended, or has not come about. */
  void closed() {
    if (limit != null) {
      open--;
      limit.closed();
      if (!waiting.isEmpty()) {
        loop.execute(this::serve);
      }
    }
  }
}
