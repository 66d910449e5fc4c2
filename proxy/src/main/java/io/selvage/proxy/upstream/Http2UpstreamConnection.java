package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.tls.TlsFailure;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection to an upstream that speaks HTTP/2: many requests at once. */
final class Http2UpstreamConnection extends ChannelInboundHandlerAdapter {
  private final Endpoint endpoint;
  private final Http2Pool pool;
  private final Http2ConnectionHandler codec = Http2Codecs.client(new Frames());
  private final Http2Connection connection = codec.connection();
  private final Http2Connection.PropertyKey key = connection.newKey();
  private final List<Http2UpstreamStream> waiting = new ArrayList<>();
  private final List<Http2UpstreamStream> touched = new ArrayList<>();
  private @Nullable ChannelHandlerContext codecContext;
  private boolean connected;
  private boolean closing;
  private long idleSince;

  Http2UpstreamConnection(Endpoint endpoint, Http2Pool pool) {
    this.endpoint = endpoint;
    this.pool = pool;
    connection.addListener(new Streams());
    connection
        .remote()
        .flowController()
        .listener(
            stream -> {
              if (stream.getProperty(key) instanceof Http2UpstreamStream ours) {
                ours.writabilityChanged();
              }
            });
  }

  boolean hasRoom() {
    return !closing
        && connection.numActiveStreams() + waiting.size() < connection.local().maxActiveStreams();
  }

  UpstreamStream open(HeadBuffer head, BodyForm form, ResponseListener listener) {
    Http2Headers headers = Http2Heads.request(head, endpoint.tls() != null);
    Http2UpstreamStream stream = new Http2UpstreamStream(this, headers, form, listener);
    if (connected) {
      stream.start();
    } else {
      waiting.add(stream);
    }
    return stream;
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

  Http2Connection.PropertyKey key() {
    return key;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  boolean isConnected() {
    return connected;
  }

  /** Whether it carries nothing, and nothing waits for it. */
  boolean isIdle() {
    return connection.numActiveStreams() == 0 && waiting.isEmpty();
  }

  /** Since when, by the pool's clock. */
  long idleSince() {
    return idleSince;
  }

  /** No new streams; closes when the last is done. */
  void drain() {
    closing = true;
    pool.remove(this);
    closeIfDone();
  }

  private void closeIfDone() {
    if (closing && isIdle()) {
      close();
    }
  }

  private void close() {
    closing = true;
    pool.remove(this);
    if (codecContext != null) {
      unwatched(codecContext.close());
    }
  }

  void forget(Http2UpstreamStream stream) {
    waiting.remove(stream);
    idleSince = pool.now();
    closeIfDone();
  }

  // ---- the channel

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.pipeline().addBefore(context.name(), "http2", codec);
    codecContext = context.pipeline().context(codec);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (endpoint.tls() == null) {
      ready();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        ready();
      } else {
        failWaiting(Kind.ofHandshake(handshake.cause()), TlsFailure.reason(handshake.cause()));
      }
    }
  }

  private void ready() {
    connected = true;
    if (closing && isIdle()) {
      close(); // who wanted it has gone
      return;
    }
    Http2Codecs.openWindow(codec);
    List<Http2UpstreamStream> first = List.copyOf(waiting);
    waiting.clear();
    first.forEach(Http2UpstreamStream::start);
    codec.flush(context());
    first.forEach(Http2UpstreamStream::writabilityChanged);
  }

  void connectFailed(Kind kind, Throwable cause) {
    failWaiting(kind, String.valueOf(cause.getMessage()));
  }

  private void failWaiting(Kind kind, String detail) {
    close();
    List<Http2UpstreamStream> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(stream -> stream.fail(kind, detail));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    List<Http2UpstreamStream> all = List.copyOf(touched);
    touched.clear();
    all.forEach(Http2UpstreamStream::readComplete);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    failWaiting(
        connected ? Kind.CLOSED : Kind.CONNECT_FAILED, "the upstream closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = ConnectionFaults.isOurs(context.channel(), cause);
    close();
  }

  private @Nullable Http2UpstreamStream stream(int id) {
    Http2Stream stream = connection.stream(id);
    if (stream != null && stream.getProperty(key) instanceof Http2UpstreamStream ours) {
      touched.add(ours);
      return ours;
    }
    return null;
  }

  /** What the upstream sends. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {}

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean end) {
      Http2UpstreamStream stream = stream(id);
      if (stream != null) {
        stream.headers(headers, end);
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
      Http2UpstreamStream stream = stream(id);
      int all = data.readableBytes() + padding;
      return stream == null ? all : stream.read(data, all, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int id, long code) {
      Http2UpstreamStream stream = stream(id);
      if (stream != null) {
        boolean refused = code == Http2Error.REFUSED_STREAM.code();
        stream.fail(
            refused ? Kind.STREAM_REFUSED : Kind.STREAM_RESET,
            "reset by the upstream with code " + code);
      }
    }
  }

  /** What becomes of streams, for whatever reason. */
  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      if (stream.getProperty(key) instanceof Http2UpstreamStream ours) {
        boolean unseen = closing && stream.id() > connection.local().lastStreamKnownByPeer();
        ours.fail(
            unseen ? Kind.STREAM_REFUSED : Kind.CLOSED, "the stream was closed before its end");
      }
      if (isIdle()) {
        idleSince = pool.now();
        closeIfDone();
      }
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
      drain();
    }
  }
}
