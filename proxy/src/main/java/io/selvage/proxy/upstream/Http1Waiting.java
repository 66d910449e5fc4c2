package io.selvage.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A request that waits for a connection of its pool, where a cluster may have only so many. */
final class Http1Waiting implements UpstreamStream {
  private final Http1Pool pool;
  private final HeadBuffer head;
  private final BodyForm form;
  private final Exchange exchange;
  private final BodyReader.Output output;
  private final ResponseListener listener;
  private final Deque<ByteBuf> early = new ArrayDeque<>(1);
  private @Nullable Http1Upstream connection;
  private @Nullable HeadBuffer trailers;
  private boolean ended;
  private boolean over;

  Http1Waiting(
      Http1Pool pool,
      HeadBuffer head,
      BodyForm form,
      Exchange exchange,
      BodyReader.Output output,
      ResponseListener listener) {
    this.pool = pool;
    this.head = head;
    this.form = form;
    this.exchange = exchange;
    this.output = output;
    this.listener = listener;
  }

  /** Sends what there is of it, now or as soon as the connection is there. */
  void goesTo(Http1Upstream to) {
    connection = to;
    to.send(head, form, exchange, output, listener);
    for (ByteBuf piece = early.poll(); piece != null; piece = early.poll()) {
      to.data(piece);
    }
    if (ended) {
      to.end(trailers);
    }
    to.flush();
    listener.onWritabilityChanged();
  }

  /** Too many wait already. */
  void isRefused(UpstreamFailure overflow) {
    if (!over) {
      drop();
      listener.onFailure(overflow);
    }
  }

  private void drop() {
    over = true;
    early.forEach(ByteBuf::release);
    early.clear();
  }

  @Override
  public void data(ByteBuf piece) {
    Http1Upstream to = connection;
    if (to != null) {
      to.data(piece);
    } else if (over) {
      piece.release();
    } else {
      early.add(piece);
    }
  }

  @Override
  public void end(@Nullable HeadBuffer last) {
    Http1Upstream to = connection;
    if (to != null) {
      to.end(last);
    } else {
      ended = true;
      trailers = last;
    }
  }

  @Override
  public void flush() {
    if (connection != null) {
      connection.flush();
    }
  }

  @Override
  public boolean isWritable() {
    return connection != null && connection.isWritable();
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return connection == null ? null : connection.localAddress();
  }

  @Override
  public void pauseResponse(boolean paused) {
    if (connection != null) {
      connection.pauseResponse(paused);
    }
  }

  @Override
  public void cancel() {
    if (connection != null) {
      connection.cancel();
    } else if (!over) {
      drop();
      pool.leaves(this);
    }
  }
}
