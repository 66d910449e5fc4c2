package io.selvage.proxy.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The threads that move all bytes of this process. Each connection lives on one of them, with the
 * upstream connections that it uses; what is kept per loop is found by {@link #indexOf}.
 */
public final class EventLoops implements AutoCloseable {
  private final Transport transport;
  private final EventLoopGroup group;
  private final List<EventLoop> loops;

  /**
   * Starts the loops.
   *
   * @param count threads, 1..
   * @throws IllegalStateException when the kernel refuses the transport
   */
  public EventLoops(Transport transport, int count) {
    if (!transport.isAvailable()) {
      throw new IllegalStateException(
          transport + " is not available here: choose the other transport");
    }
    this.transport = transport;
    this.group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory("selvage-loop", true), transport.handlers());
    this.loops = new ArrayList<>();
    for (EventExecutor loop : group) {
      loops.add((EventLoop) loop);
    }
  }

  /** What carries the sockets. */
  public Transport transport() {
    return transport;
  }

  /** All of them, for bootstraps. */
  public EventLoopGroup group() {
    return group;
  }

  /** In a fixed order. */
  public List<EventLoop> all() {
    return List.copyOf(loops);
  }

  /** How many there are. */
  public int count() {
    return loops.size();
  }

  /** Position of a loop, 0 to {@link #count()} - 1. */
  public int indexOf(EventLoop loop) {
    for (int i = 0; i < loops.size(); i++) {
      if (loops.get(i).equals(loop)) {
        return i;
      }
    }
    throw new IllegalArgumentException("a loop of another process part");
  }

  /**
   * Waits until every handler has heard of the channels that are closed by now. A channel's {@code
   * closeFuture} is complete before its loop tells the handlers, in a task of its own: so each loop
   * ends the task that it is in, then those that were given to it meanwhile. Not for event loops.
   */
  public void awaitClosedHeard() {
    for (int turn = 0; turn < 2 && !group.isShuttingDown(); turn++) {
      loops.stream()
          .map(loop -> loop.submit(() -> {}))
          .toList()
          .forEach(Future::awaitUninterruptibly);
    }
  }

  /** Closes what is still open and ends the threads. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
