package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.ResponseHeadParser;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One request on an HTTP/2 connection to an upstream. */
final class Http2UpstreamStream implements UpstreamStream {
  private final Http2UpstreamConnection owner;
  private final Http2Headers headers;
  private final BodyForm form;
  private final Exchange exchange;
  private @Nullable ResponseListener listener;
  private @Nullable Http2Stream stream;
  private final Deque<ByteBuf> early = new ArrayDeque<>(2);
  private boolean endedEarly;
  private @Nullable HeadBuffer earlyTrailers;
  private boolean headSeen;
  private boolean requestEnded;

  /** An answer that has no body, while the frame that ends it has not come. */
  private @Nullable HeadBuffer bodiless;

  /** Who was served, and may have something to flush. */
  private @Nullable ResponseListener last;

  private boolean paused;
  private int unconsumed;
  private int informational;

  Http2UpstreamStream(
      Http2UpstreamConnection owner,
      Http2Headers headers,
      BodyForm form,
      ResponseListener listener) {
    this.owner = owner;
    this.headers = headers;
    this.form = form;
    this.listener = listener;
    this.requestEnded = form == BodyForm.NONE;
    boolean head = "HEAD".contentEquals(headers.method());
    this.exchange = new Exchange(head, false, false);
  }

  /** Sends the head, and what else there is already. */
  void start() {
    Http2Connection connection = owner.codec().connection();
    int id = connection.local().incrementAndGetNextStreamId();
    ChannelHandlerContext to = owner.context();
    ChannelPromise written = to.newPromise();
    unwatched(
        owner.codec().encoder().writeHeaders(to, id, headers, 0, form == BodyForm.NONE, written));
    Http2Stream opened = connection.stream(id);
    if (opened == null) {
      fail(Kind.CLOSED, "the connection takes no more streams: " + written.cause());
      return;
    }
    opened.setProperty(owner.key(), this);
    stream = opened;
    for (ByteBuf piece = early.poll(); piece != null; piece = early.poll()) {
      data(piece);
    }
    if (endedEarly) {
      end(earlyTrailers);
    }
  }

  @Override
  public void data(ByteBuf piece) {
    Http2Stream to = stream;
    if (listener == null) {
      piece.release();
    } else if (to == null) {
      early.add(piece);
    } else {
      ChannelHandlerContext context = owner.context();
      unwatched(
          owner
              .codec()
              .encoder()
              .writeData(context, to.id(), piece, 0, false, context.newPromise()));
    }
  }

  @Override
  public void end(@Nullable HeadBuffer trailers) {
    Http2Stream to = stream;
    if (form == BodyForm.NONE || listener == null) {
      return;
    }
    if (to == null) {
      endedEarly = true;
      earlyTrailers = trailers;
      return;
    }
    requestEnded = true;
    ChannelHandlerContext context = owner.context();
    if (trailers == null) {
      unwatched(
          owner
              .codec()
              .encoder()
              .writeData(context, to.id(), Unpooled.EMPTY_BUFFER, 0, true, context.newPromise()));
    } else {
      unwatched(
          owner
              .codec()
              .encoder()
              .writeHeaders(
                  context, to.id(), Http2Heads.trailers(trailers), 0, true, context.newPromise()));
    }
  }

  @Override
  public void flush() {
    if (owner.isConnected()) {
      owner.codec().flush(owner.context());
    }
  }

  @Override
  public boolean isWritable() {
    Http2Stream to = stream;
    return to != null && owner.codec().connection().remote().flowController().isWritable(to);
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return stream == null ? null : owner.context().channel().localAddress();
  }

  @Override
  public void pauseResponse(boolean pause) {
    paused = pause;
    Http2Stream from = stream;
    if (!pause && unconsumed > 0 && from != null) {
      int bytes = unconsumed;
      unconsumed = 0;
      try {
        owner.codec().connection().local().flowController().consumeBytes(from, bytes);
        flush();
      } catch (Http2Exception e) {
        cancel();
      }
    }
  }

  @Override
  public void cancel() {
    listener = null;
    Http2Stream to = stream;
    if (to == null) {
      owner.forget(this);
      dropEarly();
    } else {
      reset(to, Http2Error.CANCEL);
    }
  }

  private void reset(Http2Stream to, Http2Error error) {
    ChannelHandlerContext context = owner.context();
    unwatched(
        owner
            .codec()
            .encoder()
            .writeRstStream(context, to.id(), error.code(), context.newPromise()));
    flush();
  }

  private void dropEarly() {
    early.forEach(ByteBuf::release);
    early.clear();
  }

  // ---- the answer

  void headers(Http2Headers received, boolean end) {
    ResponseListener to = listener;
    if (to == null) {
      return;
    }
    try {
      if (headSeen) {
        HeadBuffer trailers = Http2Heads.trailers(received);
        ended(to, trailers);
      } else {
        head(received, end, to);
      }
    } catch (Http2Heads.Malformed e) {
      malformed(String.valueOf(e.getMessage()));
    }
  }

  private void head(Http2Headers received, boolean end, ResponseListener to)
      throws Http2Heads.Malformed {
    ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);
    parser.next(exchange);
    ByteBuf text = Http2Heads.responseText(received, owner.context().alloc());
    try {
      if (parser.parse(text) != ParseStatus.COMPLETE) {
        malformed(String.valueOf(parser.violation()));
        return;
      }
    } finally {
      text.release();
    }
    if (parser.isInformational() && ++informational > ResponseListener.MAX_INFORMATIONAL) {
      malformed("informational heads without end");
      return;
    }
    if (parser.isInformational()) {
      to.onInformational(parser.head());
      return;
    }
    headSeen = true;
    if (end) {
      to.onHead(parser.head(), BodyForm.NONE);
      ended(to, null);
    } else if (hasNoBody(parser.head())) {
      bodiless = parser.head();
    } else {
      BodyForm form = BodyForm.of(parser.framing(), BodyReader.Output.DATA);
      to.onHead(parser.head(), form == BodyForm.NONE ? BodyForm.STREAM : form);
    }
  }

  /**
   * "Any response to a HEAD request and any response with a 1xx, 204, or 304 status code is always
   * terminated by the first empty line after the header fields" (RFC 9112 6.3): whatever frames
   * follow, an HTTP/1.1 client must see nothing of them.
   */
  private boolean hasNoBody(HeadBuffer head) {
    return exchange.head() || head.status() == 204 || head.status() == 304;
  }

  private void ended(ResponseListener to, @Nullable HeadBuffer trailers) {
    HeadBuffer withheld = bodiless;
    if (withheld != null) {
      bodiless = null;
      to.onHead(withheld, BodyForm.NONE);
    }
    listener = null;
    last = to;
    Http2Stream open = stream;
    if (!requestEnded && open != null) {
      reset(open, Http2Error.CANCEL); // nobody sends the rest of a request that is answered
    }
    to.onEnd(withheld == null ? trailers : null);
  }

  /** How many of the {@code bytes} of the flow-control window are free again at once. */
  int read(ByteBuf data, int bytes, boolean end) {
    ResponseListener to = listener;
    if (to == null) {
      return bytes;
    }
    if (data.isReadable() && bodiless == null) {
      to.onData(data.retainedSlice());
    }
    if (end && listener != null) {
      ended(to, null);
      return bytes;
    }
    if (paused) {
      unconsumed += bytes;
      return 0;
    }
    return bytes;
  }

  void readComplete() {
    ResponseListener to = listener;
    if (to == null) {
      to = last;
      last = null;
    }
    if (to != null) {
      to.onReadComplete();
    }
  }

  void writabilityChanged() {
    if (listener != null) {
      listener.onWritabilityChanged();
    }
  }

  private void malformed(String why) {
    Http2Stream to = stream;
    fail(Kind.MALFORMED, why);
    if (to != null) {
      reset(to, Http2Error.PROTOCOL_ERROR);
    }
  }

  void fail(Kind kind, String detail) {
    ResponseListener to = listener;
    listener = null;
    dropEarly();
    if (to != null) {
      boolean sent = stream != null && kind != Kind.STREAM_REFUSED;
      to.onFailure(new UpstreamFailure(kind, owner.endpoint() + ": " + detail, sent, false));
    }
  }
}
