package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is about to write: heads and small pieces are joined into one buffer, which
 * is then one TLS record and one system call; large pieces go as they are, uncopied.
 */
public final class Outgoing {
  private static final int BUFFER = 2048;
  private static final int JOINED_AT_MOST = 4096;

  private @Nullable ByteBuf joined;
  private boolean dirty;

  /** A buffer to write a head into. */
  public ByteBuf open(ChannelHandlerContext ctx) {
    ByteBuf buffer = joined;
    if (buffer == null) {
      buffer = ctx.alloc().directBuffer(BUFFER);
      joined = buffer;
    }
    dirty = true;
    return buffer;
  }

  /** Writes a piece, whose reference is taken over. */
  public void write(ChannelHandlerContext ctx, ByteBuf piece) {
    ByteBuf buffer = joined;
    int size = piece.readableBytes();
    if (buffer != null && size <= JOINED_AT_MOST && size <= buffer.maxFastWritableBytes()) {
      buffer.writeBytes(piece);
      piece.release();
      return;
    }
    pass(ctx);
    unwatched(ctx.write(piece, ctx.voidPromise()));
    dirty = true;
  }

  /** Hands everything to the channel and flushes it, if there is anything. */
  public void flush(ChannelHandlerContext ctx) {
    if (dirty) {
      dirty = false;
      pass(ctx);
      ctx.flush();
    }
  }

  /** Hands the joined buffer to the channel, without flushing. */
  public void pass(ChannelHandlerContext ctx) {
    ByteBuf buffer = joined;
    if (buffer != null) {
      joined = null;
      unwatched(ctx.write(buffer, ctx.voidPromise()));
    }
  }

  /** Whether something waits for {@link #flush}. */
  public boolean isDirty() {
    return dirty;
  }

  /** Drops what was not handed over. */
  public void discard() {
    ByteBuf buffer = joined;
    joined = null;
    dirty = false;
    if (buffer != null) {
      buffer.release();
    }
  }
}
