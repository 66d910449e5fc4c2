package io.selvage.proxy.http;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.Chain;
import io.selvage.proxy.accept.FirstBytes;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Chunks;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeadWriter;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.HttpViolation;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.transport.LastBytes;
import io.selvage.proxy.upstream.BodyForm;
import io.selvage.proxy.upstream.Outgoing;
import io.selvage.xds.resource.NetworkStack;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection that speaks HTTP/1.1: its requests one after another, answered in order.
 * What a client sends before its last request is answered waits, and no more is read meanwhile.
 */
final class Http1Downstream extends ChannelInboundHandlerAdapter implements ClientStream {
  private static final HeaderLine CLOSE = HeaderLine.of("connection", "close");
  private static final HeaderLine CHUNKED = HeaderLine.of("transfer-encoding", "chunked");
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", StandardCharsets.US_ASCII));
  private static final int LINGER_SECONDS = 1;

  /**
   * How long a client may take nothing of its last answer: Envoy's {@code delayed_close_timeout}.
   */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A peer of the mesh may have sent its next request before it can know of the end. */
  private static final int LAST_REQUEST_MILLIS = 1_000;

  private enum State {
    /** Before the first byte: it might be HTTP/2. */
    FIRST,
    HEAD,
    /** A head is read; its body is not wanted yet. */
    HELD,
    BODY,
    /** The request is read; its answer is under way. */
    ANSWER,
    TUNNEL,
    /** The last answer is written; what still comes is dropped. */
    CLOSING
  }

  private final HttpSession session;
  private final RequestHeadParser heads;
  private final Outgoing out = new Outgoing();
  private final RequestRecord record;
  private @Nullable BodyReader framedBodies;
  private @Nullable BodyReader dataBodies;
  private @Nullable BodyReader body;

  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Deadline idle;
  private @Nullable Deadline response;
  private State state = State.FIRST;
  private @Nullable RequestFlow flow;
  private @Nullable ByteBuf pending;
  private boolean reading;
  private boolean paused;
  private boolean persistent;
  private boolean expectsContinue;
  private BodyForm answerForm = BodyForm.NONE;

  Http1Downstream(HttpSession session) {
    this.session = session;
    this.heads = new RequestHeadParser(session.stack().limits());
    this.record = new RequestRecord(session.peer().record());
  }

  private ChannelHandlerContext ctx() {
    ChannelHandlerContext now = ctx;
    if (now == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return now;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    idle = new Deadline(context.executor(), this::idleForTooLong);
    response =
        new Deadline(
            context.executor(),
            () -> {
              if (flow != null) {
                flow.timedOut();
              }
            });
    waitForRequest();
  }

  // ---- reading requests

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    streamIsAlive();
    ByteBuf before = pending;
    if (before != null) {
      pending = null;
      in =
          context
              .alloc()
              .compositeBuffer()
              .addFlattenedComponents(true, before)
              .addFlattenedComponents(true, in);
    }
    process(in);
  }

  /** Reads as far as it goes; what must wait becomes {@link #pending}. */
  private void process(ByteBuf in) {
    reading = true;
    boolean going = true;
    while (going && in.isReadable()) {
      going =
          switch (state) {
            case FIRST -> first(in);
            case HEAD -> isWritable() && head(in);
            case BODY -> body(in);
            case TUNNEL -> tunnel(in);
            case HELD, ANSWER -> false;
            case CLOSING -> {
              in.skipBytes(in.readableBytes());
              yield false;
            }
          };
    }
    reading = false;
    if (in.isReadable() && state != State.CLOSING) {
      pending = in;
      autoRead();
    } else {
      in.release();
    }
  }

  private boolean first(ByteBuf in) {
    if (session.stack().config().codec() == NetworkStack.Codec.AUTO) {
      switch (FirstBytes.Preface.look(in)) {
        case FirstBytes.Plaintext(boolean http2) when http2 -> {
          becomeHttp2(in);
          return false;
        }
        case FirstBytes.NeedMore _ -> {
          headHasBegun();
          return false;
        }
        case FirstBytes.Plaintext _, FirstBytes.Tls _, FirstBytes.Malformed _ -> {}
      }
    }
    state = State.HEAD;
    return true;
  }

  private void becomeHttp2(ByteBuf in) {
    ChannelHandlerContext at = ctx();
    state = State.CLOSING;
    stopTimers();
    Http2Downstream next = new Http2Downstream(session);
    at.pipeline().replace(this, "http", next);
    next.begin(in.readRetainedSlice(in.readableBytes()));
  }

  private boolean head(ByteBuf in) {
    switch (heads.parse(in)) {
      case NEED_MORE -> {
        headHasBegun();
        return false;
      }
      case VIOLATION -> {
        refuse();
        return false;
      }
      case COMPLETE -> {}
    }
    HeadBuffer head = heads.head();
    BodyFraming framing = heads.framing();
    persistent = HopByHop.isPersistent(head);
    boolean hasBody = !(framing instanceof BodyFraming.None);
    expectsContinue = hasBody && HopByHop.expectsContinue(head);
    state = hasBody ? State.HELD : State.ANSWER;
    RequestFlow begun = new RequestFlow(session, this, record, responseDeadline(), head, framing);
    flow = begun;
    streamIsAlive();
    begun.begin();
    return true;
  }

  private void refuse() {
    HttpViolation violation = heads.violation();
    refuse(LocalReply.of(violation == null ? HttpViolation.MALFORMED_REQUEST_LINE : violation));
  }

  /** Answers a head that is not understood, or not there; what still comes of it is dropped. */
  private void refuse(LocalReply answer) {
    persistent = false;
    state = State.HELD;
    RequestFlow begun =
        new RequestFlow(session, this, record, responseDeadline(), heads.head(), BodyFraming.NONE);
    flow = begun;
    begun.refuse(answer);
  }

  private boolean body(ByteBuf in) {
    BodyReader reader = body;
    RequestFlow to = flow;
    if (reader == null || to == null) {
      return false;
    }
    expectsContinue = false;
    return switch (reader.read(in, to::data)) {
      case NEED_MORE -> false;
      case COMPLETE -> {
        bodyEnded(to, reader);
        yield true;
      }
      case VIOLATION -> {
        HttpViolation violation = reader.violation();
        persistent = false;
        to.clientBroke(violation == null ? HttpViolation.INVALID_CHUNK_SIZE : violation);
        yield false;
      }
    };
  }

  private void bodyEnded(RequestFlow to, BodyReader reader) {
    if (state == State.BODY) {
      state = State.ANSWER;
      to.end(reader.trailers());
    }
  }

  private boolean tunnel(ByteBuf in) {
    RequestFlow to = flow;
    if (to == null) {
      return false;
    }
    to.data(in.readRetainedSlice(in.readableBytes()));
    return true;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (flow != null) {
      flow.flushUpstream();
    }
    flush();
  }

  /**
   * Reads only while there is room for what comes, and no next request of a client that doesn't
   * take its answers.
   */
  private void autoRead() {
    boolean room = pending == null || state == State.FIRST;
    boolean wanted = !paused && room && (state != State.HEAD || isWritable());
    if (ctx().channel().config().isAutoRead() != wanted) {
      ctx().channel().config().setAutoRead(wanted);
    }
  }

  /** Goes on with what has waited. */
  private void resume() {
    ByteBuf waiting = pending;
    if (waiting != null && !reading) {
      pending = null;
      process(waiting);
      if (flow != null) {
        flow.flushUpstream();
      }
    }
    autoRead();
  }

  // ---- what the flow asks for

  @Override
  public EventLoop loop() {
    return ctx().channel().eventLoop();
  }

  @Override
  public boolean isHttp2() {
    return false;
  }

  @Override
  public void readBody(BodyReader.Output output) {
    if (state == State.BODY && body != null) {
      return; // a body that was collected goes on
    }
    BodyReader reader = reader(output);
    reader.begin(heads.framing());
    body = reader;
    state = State.BODY;
    if (expectsContinue) {
      out.write(ctx(), CONTINUE.duplicate());
      flush();
    }
    resume();
  }

  private BodyReader reader(BodyReader.Output output) {
    if (output == BodyReader.Output.FRAMED) {
      if (framedBodies == null) {
        framedBodies = new BodyReader(session.stack().limits(), output);
      }
      return framedBodies;
    }
    if (dataBodies == null) {
      dataBodies = new BodyReader(session.stack().limits(), output);
    }
    return dataBodies;
  }

  @Override
  public void pauseBody(boolean pause) {
    paused = pause;
    if (pause) {
      autoRead();
    } else {
      resume();
    }
  }

  // ---- writing answers

  @Override
  public void informational(HeadBuffer head) {
    HeadWriter.writeResponse(head, out.open(ctx()));
  }

  @Override
  public void head(HeadBuffer head, BodyForm form) {
    answerForm = form;
    if (form == BodyForm.STREAM) {
      head.remove(KnownHeader.CONTENT_LENGTH);
      head.set(CHUNKED);
    }
    if (form != BodyForm.TUNNEL) {
      boolean readWhole = state == State.ANSWER;
      persistent &= readWhole && !session.isDraining();
      if (!persistent) {
        head.append(CLOSE);
      }
    }
    HeadWriter.writeResponse(head, out.open(ctx()));
    streamIsAlive();
    if (form == BodyForm.TUNNEL) {
      state = State.TUNNEL;
      resume();
    }
  }

  @Override
  public void data(ByteBuf piece) {
    if (state == State.CLOSING || !piece.isReadable()) {
      piece.release();
      return;
    }
    ChannelHandlerContext to = ctx();
    streamIsAlive();
    if (answerForm == BodyForm.STREAM) {
      Chunks.begin(out.open(to), piece.readableBytes());
      out.write(to, piece);
      Chunks.end(out.open(to));
    } else {
      out.write(to, piece);
    }
  }

  @Override
  public void end(@Nullable HeadBuffer trailers) {
    if (state == State.CLOSING) {
      return;
    }
    if (answerForm == BodyForm.STREAM) {
      Chunks.last(out.open(ctx()));
    }
    flow = null;
    body = null;
    if (!persistent || state == State.TUNNEL) {
      closeGently();
      return;
    }
    heads.next();
    state = State.HEAD;
    boolean wasPaused = paused;
    paused = false; // the body of this request was, and it is over
    waitForRequest();
    if (pending != null && !reading) {
      flush();
      resume();
    } else if (wasPaused) {
      autoRead();
    }
  }

  @Override
  public void abort() {
    state = State.CLOSING;
    flow = null;
    dropPending();
    flush(); // what there is of the answer, without the end that its head announces
    unwatched(ctx().close());
  }

  @Override
  public void flush() {
    if (ctx != null) {
      out.flush(ctx);
    }
  }

  @Override
  public boolean isWritable() {
    return ctx().channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (flow != null) {
      flow.clientWritable();
    } else if (state == State.HEAD) {
      resume();
    }
  }

  // ---- times

  private Deadline responseDeadline() {
    Deadline now = response;
    if (now == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return now;
  }

  private void idleIn(long nanos) {
    if (idle != null) {
      idle.in(nanos, System.nanoTime());
    }
  }

  private boolean headTimed;

  private void waitForRequest() {
    headTimed = false;
    idleIn(session.stack().config().limits().connectionIdleTimeout().toNanos());
  }

  /**
   * From the first byte of a head to its end, however many bytes come meanwhile. Without a time of
   * its own it is that of an idle stream, as in Envoy, whose stream begins with that byte; and in
   * any case that of an idle connection.
   */
  private void headHasBegun() {
    if (!headTimed) {
      headTimed = true;
      NetworkStack.HttpLimits limits = session.stack().config().limits();
      if (limits.requestHeadersTimeout().isPositive()) {
        idleIn(limits.requestHeadersTimeout().toNanos());
      } else if (limits.streamIdleTimeout().isPositive()) {
        idleIn(limits.streamIdleTimeout().toNanos());
      }
    }
  }

  /** Bytes of a request or its answer have moved. */
  private void streamIsAlive() {
    if (flow != null) {
      idleIn(session.stack().config().limits().streamIdleTimeout().toNanos());
    }
  }

  private void idleForTooLong() {
    RequestFlow under = flow;
    if (under != null) {
      under.idleForTooLong();
    } else if (heads.isMidHead() && state == State.HEAD) {
      refuse(LocalReply.LATE_HEAD);
      flush();
    } else {
      state = State.CLOSING;
      unwatched(ctx().close());
    }
  }

  private void stopTimers() {
    if (idle != null) {
      idle.close();
    }
    if (response != null) {
      response.close();
    }
  }

  // ---- the end of the connection

  /** Lets the client read the answer before the connection is reset for what it still sends. */
  private void closeGently() {
    boolean readWhole = state == State.ANSWER && pending == null;
    state = State.CLOSING;
    dropPending();
    ChannelHandlerContext at = ctx();
    flush();
    if (readWhole) {
      LastBytes.close(at.channel(), PATIENCE_NANOS);
      return;
    }
    at.channel().config().setAutoRead(true);
    LastBytes.whenOut(at.channel(), PATIENCE_NANOS, () -> linger(at));
  }

  private static void linger(ChannelHandlerContext at) {
    if (at.channel() instanceof DuplexChannel duplex && at.pipeline().get("tls") == null) {
      unwatched(duplex.shutdownOutput());
    }
    unwatched(
        at.executor().schedule(() -> unwatched(at.close()), LINGER_SECONDS, TimeUnit.SECONDS));
  }

  private void dropPending() {
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == Chain.Change.DRAINING) {
      if (context.pipeline().get("tls") == null) {
        closeIfIdle(context);
      } else {
        unwatched(
            context
                .executor()
                .schedule(() -> closeIfIdle(context), LAST_REQUEST_MILLIS, TimeUnit.MILLISECONDS));
      }
    } else if (event == Chain.Change.SUCCEEDED) {
      CompiledAuthorization before = session.replacedPolicy();
      if (before != null && flow != null) {
        flow.policyChanged(before);
      }
    }
    context.fireUserEventTriggered(event);
  }

  /** What is under way is answered, and says that it was the last. */
  private void closeIfIdle(ChannelHandlerContext context) {
    if (flow == null && !heads.isMidHead()) {
      state = State.CLOSING;
      unwatched(context.close());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    state = State.CLOSING;
    stopTimers();
    dropPending();
    out.discard();
    RequestFlow under = flow;
    flow = null;
    if (under != null) {
      under.clientGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    RequestFlow under = flow;
    if (ConnectionFaults.isOurs(context.channel(), cause) && under != null) {
      under.broken();
    }
    unwatched(context.close());
  }
}
