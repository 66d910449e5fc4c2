package io.selvage.proxy.transport;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection behind what is written already. A peer that takes nothing of it any more
 * is not waited for: nobody else looks at a connection that is closing, and it would stay for ever.
 */
public final class LastBytes {
  private final Channel channel;
  private final long patienceNanos;
  private final ChannelFuture out;
  private long left = -1;
  private int leftOfFirst;

  private LastBytes(Channel channel, long patienceNanos) {
    this.channel = channel;
    this.patienceNanos = patienceNanos;
    this.out = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /**
   * Waits until all is out. For use on the channel's event loop.
   *
   * @param patienceNanos after that time without a byte going out, the channel is closed; zero:
   *     never
   * @param then is called once all is out, or has failed
   */
  public static void whenOut(Channel channel, long patienceNanos, Runnable then) {
    LastBytes last = new LastBytes(channel, patienceNanos);
    if (!last.out.isDone() && patienceNanos > 0) {
      last.look();
    }
    unwatched(last.out.addListener(done -> then.run()));
  }

  /** Closes once all is out; the parameters are those of {@link #whenOut}. */
  public static void close(Channel channel, long patienceNanos) {
    whenOut(channel, patienceNanos, () -> unwatched(channel.close()));
  }

  private void look() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (out.isDone() || buffer == null) {
      return; // out, or closed by somebody else
    }
    long now = buffer.totalPendingWriteBytes();
    int first = buffer.current() instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    if (now == left && first == leftOfFirst) {
      unwatched(channel.close());
      return;
    }
    left = now;
    leftOfFirst = first;
    unwatched(channel.eventLoop().schedule(this::look, patienceNanos, TimeUnit.NANOSECONDS));
  }
}
