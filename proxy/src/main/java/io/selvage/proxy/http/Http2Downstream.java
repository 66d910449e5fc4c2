package io.selvage.proxy.http;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.Chain;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.upstream.Http2Codecs;
import io.selvage.proxy.upstream.Http2Heads;
import io.selvage.xds.resource.NetworkStack;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection that speaks HTTP/2: many requests at once, each a {@link
 * Http2ClientStream}. Streams are no channels of their own; they hang on the codec's.
 */
final class Http2Downstream extends ChannelInboundHandlerAdapter {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final HttpSession session;
  private final Http2ConnectionHandler codec;
  private final Http2Connection connection;
  private final Http2Connection.PropertyKey key;
  private final List<Http2ClientStream> touched = new ArrayList<>();
  private final PrematureResets resets = new PrematureResets();
  private @Nullable ChannelHandlerContext codecContext;
  private @Nullable Deadline idle;
  private @Nullable Deadline look;
  private boolean draining;

  Http2Downstream(HttpSession session) {
    this.session = session;
    NetworkStack.HttpLimits limits = session.stack().config().limits();
    this.codec =
        Http2Codecs.server(
            new Frames(), limits.maxConcurrentStreams(), limits.maxRequestHeadersKiB() * 1024);
    this.connection = codec.connection();
    this.key = connection.newKey();
    connection.addListener(new Streams());
    connection
        .remote()
        .flowController()
        .listener(
            stream -> {
              if (stream.getProperty(key) instanceof Http2ClientStream ours) {
                ours.writabilityChanged();
              }
            });
  }

  /** The codec's own place in the pipeline: where frames are written. */
  ChannelHandlerContext context() {
    ChannelHandlerContext at = codecContext;
    if (at == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return at;
  }

  Http2ConnectionHandler codec() {
    return codec;
  }

  HttpSession session() {
    return session;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.pipeline().addBefore(context.name(), "http2", codec);
    codecContext = context.pipeline().context(codec);
    Http2Codecs.openWindow(codec);
    idle = new Deadline(context.executor(), this::idleForTooLong);
    look = new Deadline(context.executor(), this::lookAtStreams);
    watchIdleness();
  }

  /** Takes what was read before it was known to be HTTP/2. TLS, if any, is behind it already. */
  void begin(ByteBuf first) {
    try {
      codec.channelRead(context(), first);
      codec.channelReadComplete(context());
    } catch (Exception e) { // by the codec's signature: the connection is broken
      unwatched(context().close());
    }
  }

  private void watchIdleness() {
    if (idle != null) {
      long nanos = session.stack().config().limits().connectionIdleTimeout().toNanos();
      idle.in(nanos, System.nanoTime());
    }
  }

  /**
   * One timer looks at all streams, so that none needs its own: a second, or a part of the limit.
   */
  private void watchStreams() {
    if (look != null) {
      long limit = streamIdleNanos();
      long nanos = limit == 0 ? LOOK_NANOS : Math.clamp(limit / 4, 1, LOOK_NANOS);
      look.in(nanos, System.nanoTime());
    }
  }

  private long streamIdleNanos() {
    return session.stack().config().limits().streamIdleTimeout().toNanos();
  }

  private void lookAtStreams() {
    long now = System.nanoTime();
    long limit = streamIdleNanos();
    List<Http2ClientStream> open = openStreams();
    open.forEach(stream -> stream.look(now, limit));
    if (!open.isEmpty()) {
      watchStreams();
    }
  }

  private List<Http2ClientStream> openStreams() {
    List<Http2ClientStream> open = new ArrayList<>();
    try {
      connection.forEachActiveStream(
          stream -> {
            if (stream.getProperty(key) instanceof Http2ClientStream ours) {
              open.add(ours);
            }
            return true;
          });
    } catch (Http2Exception e) {
      throw new IllegalStateException("the visitor throws nothing", e);
    }
    return open;
  }

  private void idleForTooLong() {
    if (connection.numActiveStreams() > 0) {
      watchIdleness();
    } else {
      unwatched(context().close());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    List<Http2ClientStream> all = List.copyOf(touched);
    touched.clear();
    all.forEach(Http2ClientStream::readComplete);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == Chain.Change.DRAINING) {
      drain();
    } else if (event == Chain.Change.SUCCEEDED) {
      CompiledAuthorization before = session.replacedPolicy();
      if (before != null) {
        openStreams().forEach(stream -> stream.policyChanged(before));
      }
    }
    context.fireUserEventTriggered(event);
  }

  /** No more streams; those that are open go on. */
  private void drain() {
    if (draining) {
      return;
    }
    draining = true;
    ChannelHandlerContext to = context();
    unwatched(
        codec.goAway(
            to,
            connection.remote().lastStreamCreated(),
            Http2Error.NO_ERROR.code(),
            io.netty.buffer.Unpooled.EMPTY_BUFFER,
            to.newPromise()));
    codec.flush(to);
    closeWhenDone();
  }

  private void closeWhenDone() {
    if (draining && connection.numActiveStreams() == 0) {
      unwatched(context().close());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (idle != null) {
      idle.close();
    }
    if (look != null) {
      look.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = ConnectionFaults.isOurs(context.channel(), cause);
    unwatched(context.close());
  }

  private @Nullable Http2ClientStream stream(int id) {
    Http2Stream stream = connection.stream(id);
    if (stream != null && stream.getProperty(key) instanceof Http2ClientStream ours) {
      touched.add(ours);
      return ours;
    }
    return null;
  }

  /** Answers a head that is none; too many end the connection. */
  void malformed(Http2Stream stream, Http2Heads.Malformed why) {
    codec.onError(
        context(),
        false,
        Http2Exception.streamError(stream.id(), Http2Error.PROTOCOL_ERROR, why, "malformed"));
  }

  /** What the client sends. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean end) {
      Http2ClientStream known = stream(id);
      if (known != null) {
        known.trailers(headers);
        return;
      }
      Http2Stream stream = connection.stream(id);
      if (stream != null) {
        Http2ClientStream begun = new Http2ClientStream(Http2Downstream.this, stream);
        stream.setProperty(key, begun);
        touched.add(begun);
        if (connection.numActiveStreams() == 1) {
          watchStreams();
        }
        begun.headers(headers, end);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      onHeadersRead(context, id, headers, padding, end);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      Http2ClientStream stream = stream(id);
      int all = data.readableBytes() + padding;
      return stream == null ? all : stream.read(data, all, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int id, long code)
        throws Http2Exception {
      Http2Stream stream = connection.stream(id);
      if (stream != null
          && stream.getProperty(key) instanceof Http2ClientStream ours
          && ours.isPremature()
          && resets.isOneTooMany()) {
        throw Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "most requests are reset before they are answered");
      }
    }
  }

  /** What becomes of streams, for whatever reason. */
  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      if (stream.getProperty(key) instanceof Http2ClientStream ours) {
        ours.closed();
      }
      resets.ended();
      watchIdleness();
      closeWhenDone();
    }
  }
}
