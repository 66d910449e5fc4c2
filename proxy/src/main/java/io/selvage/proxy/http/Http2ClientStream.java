package io.selvage.proxy.http;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.HttpViolation;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.proxy.upstream.BodyForm;
import io.selvage.proxy.upstream.Http2Heads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request of an HTTP/2 client. */
final class Http2ClientStream implements ClientStream {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Http2Downstream owner;
  private final Http2Stream stream;
  private final RequestHeadParser parser;
  private final Deadline deadline;
  private final Deque<ByteBuf> held = new ArrayDeque<>(2);
  private @Nullable RequestFlow flow;
  private @Nullable HeadBuffer trailers;
  private boolean expectsContinue;
  private boolean reading;
  private boolean ended;
  private boolean endTold;
  private boolean paused;
  private int unconsumed;
  private boolean answered;
  private boolean dirty;
  private final long begunNanos = System.nanoTime();
  private long lastMoved = begunNanos;
  private boolean lingering;

  Http2ClientStream(Http2Downstream owner, Http2Stream stream) {
    this.owner = owner;
    this.stream = stream;
    this.parser = new RequestHeadParser(owner.session().stack().limits());
    this.deadline =
        new Deadline(
            owner.context().executor(),
            () -> {
              if (flow != null) {
                flow.timedOut();
              }
            });
  }

  // ---- from the client

  void headers(Http2Headers headers, boolean end) {
    ended = end;
    ByteBuf text;
    try {
      text = Http2Heads.requestText(headers, owner.context().alloc());
    } catch (Http2Heads.Malformed e) {
      owner.malformed(stream, e);
      return;
    }
    try {
      ParseStatus status = parser.parse(text);
      if (status != ParseStatus.COMPLETE || text.isReadable()) {
        HttpViolation violation = parser.violation();
        start(BodyFraming.NONE)
            .refuse(
                LocalReply.of(
                    violation == null ? HttpViolation.MALFORMED_REQUEST_LINE : violation));
        return;
      }
    } finally {
      text.release();
    }
    expectsContinue = !end && HopByHop.expectsContinue(parser.head());
    start(framing(end)).begin();
    flush();
  }

  /** The stream tells where the body ends; the head only how long it says it is. */
  private BodyFraming framing(boolean end) {
    if (end) {
      return BodyFraming.NONE;
    }
    BodyFraming said = parser.framing();
    return said instanceof BodyFraming.Fixed ? said : BodyFraming.UNTIL_CLOSE;
  }

  private RequestFlow start(BodyFraming framing) {
    HttpSession session = owner.session();
    RequestFlow begun =
        new RequestFlow(
            session,
            this,
            new RequestRecord(session.peer().record()),
            deadline,
            parser.head(),
            framing);
    flow = begun;
    return begun;
  }

  /** How many of the {@code bytes} of the flow-control window are free again at once. */
  int read(ByteBuf data, int bytes, boolean end) {
    ended |= end;
    moved();
    if (flow == null) {
      return bytes;
    }
    if (data.isReadable()) {
      held.add(data.retainedSlice());
    }
    unconsumed += bytes;
    deliver();
    return 0;
  }

  void trailers(Http2Headers received) {
    ended = true;
    try {
      trailers = Http2Heads.trailers(received);
    } catch (Http2Heads.Malformed e) {
      owner.malformed(stream, e);
      return;
    }
    deliver();
  }

  private void deliver() {
    RequestFlow to = flow;
    if (!reading || paused || to == null) {
      return;
    }
    for (ByteBuf piece = held.poll(); piece != null; piece = held.poll()) {
      to.data(piece);
    }
    consume();
    if (ended && !endTold && flow != null) {
      endTold = true;
      to.end(trailers);
    }
  }

  private void consume() {
    int bytes = unconsumed;
    if (bytes > 0) {
      unconsumed = 0;
      try {
        owner.codec().connection().local().flowController().consumeBytes(stream, bytes);
      } catch (Http2Exception e) {
        reset(Http2Error.FLOW_CONTROL_ERROR);
      }
    }
  }

  private void moved() {
    lastMoved = lingering ? lastMoved : System.nanoTime();
  }

  /** Ends the stream if nothing has moved for {@code limit} nanoseconds; zero: never. */
  void look(long now, long limit) {
    RequestFlow waiting = flow;
    if (lingering && now - lastMoved > LINGER_NANOS) {
      reset(Http2Error.NO_ERROR); // the rest of the request is of no use (RFC 9113 8.1)
      flush();
    } else if (waiting != null && limit > 0 && now - lastMoved > limit) {
      waiting.idleForTooLong();
    }
  }

  /** Whether a reset now comes before there was anything that the client could have waited for. */
  boolean isPremature() {
    return !answered && System.nanoTime() - begunNanos <= PrematureResets.LIFETIME_NANOS;
  }

  void policyChanged(CompiledAuthorization before) {
    if (flow != null) {
      flow.policyChanged(before);
    }
  }

  void readComplete() {
    if (flow != null) {
      flow.flushUpstream();
    }
    flush();
  }

  void writabilityChanged() {
    if (flow != null) {
      flow.clientWritable();
    }
  }

  /** The stream is over, by whoever's will. */
  void closed() {
    deadline.close();
    RequestFlow last = flow;
    flow = null;
    held.forEach(ByteBuf::release);
    held.clear();
    if (last != null) {
      last.clientGone();
    }
  }

  // ---- what the flow asks for

  @Override
  public EventLoop loop() {
    return owner.context().channel().eventLoop();
  }

  @Override
  public boolean isHttp2() {
    return true;
  }

  @Override
  public void readBody(BodyReader.Output output) {
    reading = true;
    if (expectsContinue && !ended && held.isEmpty()) {
      write(new DefaultHttp2Headers().status(HttpResponseStatus.CONTINUE.codeAsText()), false);
    }
    expectsContinue = false;
    deliver();
  }

  @Override
  public void pauseBody(boolean pause) {
    paused = pause;
    if (!pause) {
      deliver();
      owner.codec().flush(owner.context());
    }
  }

  // ---- the answer

  @Override
  public void informational(HeadBuffer head) {
    write(Http2Heads.response(head), false);
  }

  @Override
  public void head(HeadBuffer head, BodyForm form) {
    answered = true;
    write(Http2Heads.response(head), form == BodyForm.NONE);
    endSent = form == BodyForm.NONE;
  }

  private boolean endSent;

  private void write(Http2Headers headers, boolean end) {
    dirty = true;
    ChannelHandlerContext to = owner.context();
    unwatched(
        owner.codec().encoder().writeHeaders(to, stream.id(), headers, 0, end, to.newPromise()));
  }

  @Override
  public void data(ByteBuf piece) {
    dirty = true;
    moved();
    ChannelHandlerContext to = owner.context();
    unwatched(owner.codec().encoder().writeData(to, stream.id(), piece, 0, false, to.newPromise()));
  }

  @Override
  public void end(@Nullable HeadBuffer trailerFields) {
    flow = null;
    deadline.close();
    if (!endSent) {
      endSent = true;
      if (trailerFields == null) {
        dirty = true;
        ChannelHandlerContext to = owner.context();
        unwatched(
            owner
                .codec()
                .encoder()
                .writeData(to, stream.id(), Unpooled.EMPTY_BUFFER, 0, true, to.newPromise()));
      } else {
        write(Http2Heads.trailers(trailerFields), true);
      }
    }
    if (!ended) {
      linger();
    }
  }

  /**
   * What is left of the request is thrown away for a while. A reset at once would be right too, but
   * each denied call with a body would be one, and peers count resets as an attack.
   */
  private void linger() {
    moved();
    lingering = true;
    held.forEach(ByteBuf::release);
    held.clear();
    consume();
  }

  @Override
  public void abort() {
    flow = null;
    reset(answered ? Http2Error.INTERNAL_ERROR : Http2Error.REFUSED_STREAM);
    flush();
  }

  private void reset(Http2Error error) {
    dirty = true;
    ChannelHandlerContext to = owner.context();
    consume();
    unwatched(
        owner.codec().encoder().writeRstStream(to, stream.id(), error.code(), to.newPromise()));
  }

  @Override
  public void flush() {
    if (dirty) {
      dirty = false;
      owner.codec().flush(owner.context());
    }
  }

  @Override
  public boolean isWritable() {
    return owner.codec().connection().remote().flowController().isWritable(stream);
  }
}
