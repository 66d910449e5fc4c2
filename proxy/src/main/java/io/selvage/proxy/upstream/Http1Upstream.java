package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Chunks;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeadWriter;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.ResponseHeadParser;
import io.selvage.proxy.tls.TlsFailure;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection to an upstream that speaks HTTP/1.1: one request after another. */
public final class Http1Upstream extends ChannelInboundHandlerAdapter implements UpstreamStream {
  private static final HeaderLine CHUNKED = HeaderLine.of("transfer-encoding", "chunked");

  private enum State {
    CONNECTING,
    IDLE,
    HEAD,
    BODY,
    CLOSED
  }

  private final Endpoint endpoint;
  private final Http1Pool pool;
  private final ResponseHeadParser heads = new ResponseHeadParser(HttpLimits.DEFAULT);
  private final Outgoing out = new Outgoing();
  private @Nullable BodyReader framedBodies;
  private @Nullable BodyReader dataBodies;
  private @Nullable BodyReader body;

  private @Nullable ChannelHandlerContext ctx;
  private State state = State.CONNECTING;
  private boolean connected;
  private boolean waitedFor;
  private @Nullable ResponseListener listener;
  private BodyReader.Output output = BodyReader.Output.FRAMED;
  private BodyForm requestForm = BodyForm.NONE;
  private Exchange exchange = Exchange.PLAIN;
  private boolean requestEnded;
  private boolean reusable;
  private boolean reused;
  private boolean sent;
  private int informational;
  long idleSince;

  Http1Upstream(Endpoint endpoint, Http1Pool pool) {
    this.endpoint = endpoint;
    this.pool = pool;
  }

  private ChannelHandlerContext ctx() {
    ChannelHandlerContext now = ctx;
    if (now == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return now;
  }

  // ---- the request

  /** Writes a head. The connection must be new or idle. */
  void send(
      HeadBuffer head,
      BodyForm form,
      Exchange exchange,
      BodyReader.Output output,
      ResponseListener listener) {
    this.listener = listener;
    this.output = output;
    this.exchange = exchange;
    this.requestForm = form;
    requestEnded = false;
    informational = 0;
    sent = false;
    reused = state == State.IDLE;
    if (connected) {
      state = State.HEAD;
    }
    heads.next(exchange);
    if (form == BodyForm.STREAM) {
      head.remove(KnownHeader.CONTENT_LENGTH); // HTTP/2 may have one of 0 and an empty DATA frame
      head.set(CHUNKED);
    }
    if (ctx == null) {
      return; // there is no socket: connectFailed is on its way
    }
    HeadWriter.writeRequest(head, out.open(ctx()));
  }

  @Override
  public void data(ByteBuf piece) {
    if (state == State.CLOSED || ctx == null || !piece.isReadable()) {
      piece.release();
      return;
    }
    ChannelHandlerContext to = ctx();
    if (requestForm == BodyForm.STREAM) {
      Chunks.begin(out.open(to), piece.readableBytes());
      out.write(to, piece);
      Chunks.end(out.open(to));
    } else {
      out.write(to, piece);
    }
  }

  @Override
  public void end(@Nullable HeadBuffer trailers) {
    requestEnded = true;
    if (requestForm == BodyForm.STREAM && state != State.CLOSED && ctx != null) {
      Chunks.last(out.open(ctx()));
    }
  }

  @Override
  public void flush() {
    if (connected && out.isDirty()) {
      sent = true;
      out.flush(ctx());
    }
  }

  @Override
  public boolean isWritable() {
    return connected && ctx().channel().isWritable();
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return ctx == null ? null : ctx.channel().localAddress();
  }

  @Override
  public void pauseResponse(boolean paused) {
    if (state != State.CLOSED && ctx != null) {
      ctx.channel().config().setAutoRead(!paused);
    }
  }

  @Override
  public void cancel() {
    listener = null;
    close();
  }

  // ---- the connection

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
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
        fail(Kind.ofHandshake(handshake.cause()), TlsFailure.reason(handshake.cause()));
      }
    }
  }

  /** Its first request counts as waiting until there is a connection. */
  void isWaitedFor() {
    waitedFor = true;
  }

  private void waitingEnds() {
    if (waitedFor) {
      waitedFor = false;
      pool.waitsNoLonger();
    }
  }

  private void ready() {
    connected = true;
    waitingEnds();
    if (listener == null) {
      close();
      return;
    }
    state = State.HEAD;
    flush();
    listener.onWritabilityChanged();
  }

  void connectFailed(Kind kind, Throwable cause) {
    fail(kind, String.valueOf(cause.getMessage()));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (listener != null) {
      listener.onWritabilityChanged();
    }
  }

  // ---- the answer

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && listener != null && read(in, listener)) {}
      if (state == State.IDLE && in.isReadable()) {
        close(); // bytes that nobody asked for
      }
    } finally {
      in.release();
    }
  }

  /** Whether to go on. */
  private boolean read(ByteBuf in, ResponseListener to) {
    return switch (state) {
      case HEAD -> readHead(in, to);
      case BODY -> readBody(in, to);
      case CONNECTING, IDLE, CLOSED -> false;
    };
  }

  private boolean readHead(ByteBuf in, ResponseListener to) {
    switch (heads.parse(in)) {
      case NEED_MORE -> {
        return false;
      }
      case VIOLATION -> {
        fail(Kind.MALFORMED, String.valueOf(heads.violation()));
        return false;
      }
      case COMPLETE -> {}
    }
    HeadBuffer head = heads.head();
    if (heads.isInformational()) {
      if (++informational > ResponseListener.MAX_INFORMATIONAL) {
        fail(Kind.MALFORMED, "informational heads without end");
        return false;
      }
      to.onInformational(head);
      heads.next(exchange);
      return true;
    }
    BodyFraming framing = heads.framing();
    reusable =
        HopByHop.isPersistent(head)
            && !(framing instanceof BodyFraming.UntilClose)
            && !(framing instanceof BodyFraming.Tunnel);
    BodyForm form = BodyForm.of(framing, output);
    BodyReader reader = reader();
    reader.begin(framing);
    body = reader;
    state = State.BODY;
    to.onHead(head, form);
    return form == BodyForm.NONE ? finish(null, in) : true;
  }

  private BodyReader reader() {
    if (output == BodyReader.Output.FRAMED) {
      if (framedBodies == null) {
        framedBodies = new BodyReader(HttpLimits.DEFAULT, BodyReader.Output.FRAMED);
      }
      return framedBodies;
    }
    if (dataBodies == null) {
      dataBodies = new BodyReader(HttpLimits.DEFAULT, BodyReader.Output.DATA);
    }
    return dataBodies;
  }

  private boolean readBody(ByteBuf in, ResponseListener to) {
    BodyReader reader = body;
    if (reader == null) {
      return false;
    }
    ParseStatus status = reader.read(in, to::onData);
    return switch (status) {
      case NEED_MORE -> false;
      case COMPLETE -> finish(reader.trailers(), in);
      case VIOLATION -> {
        fail(Kind.MALFORMED, String.valueOf(reader.violation()));
        yield false;
      }
    };
  }

  /** The answer is read whole: the connection is free before the client may ask again. */
  private boolean finish(@Nullable HeadBuffer trailers, ByteBuf rest) {
    ResponseListener to = listener;
    listener = null;
    if (state != State.CLOSED) {
      // bytes behind the answer came before anybody asked: they must not answer the next request
      if (reusable && requestEnded && !rest.isReadable() && !endpoint.isRetired()) {
        state = State.IDLE;
        pool.giveBack(this);
      } else {
        close();
      }
    }
    if (to != null) {
      to.onEnd(trailers);
      finished = to;
    }
    return false;
  }

  /** Who was served last, and may have something to flush. */
  private @Nullable ResponseListener finished;

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    ResponseListener last = finished;
    finished = null;
    if (last != null) {
      last.onReadComplete();
    } else if (listener != null) {
      listener.onReadComplete();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    pool.remove(this);
    BodyReader reader = body;
    if (state == State.BODY && listener != null && reader != null && reader.mayEndHere()) {
      reusable = false;
      ResponseListener to = listener;
      finish(null, Unpooled.EMPTY_BUFFER);
      finished = null;
      to.onReadComplete();
    } else {
      fail(connected ? Kind.CLOSED : Kind.CONNECT_FAILED, "the upstream closed the connection");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = ConnectionFaults.isOurs(context.channel(), cause);
    fail(connected ? Kind.CLOSED : Kind.CONNECT_FAILED, TlsFailure.reason(cause));
  }

  private void fail(Kind kind, String detail) {
    ResponseListener to = listener;
    listener = null;
    boolean early = reused && state == State.HEAD && !heads.isMidHead();
    close();
    if (to != null) {
      to.onFailure(
          new UpstreamFailure(kind, endpoint + ": " + detail, sent, early && kind == Kind.CLOSED));
    }
  }

  void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      waitingEnds();
      pool.closed();
      out.discard();
      ChannelHandlerContext at = ctx;
      if (at != null) {
        unwatched(at.close());
      }
    }
  }

  boolean isOpen() {
    return state != State.CLOSED && ctx().channel().isActive();
  }
}
