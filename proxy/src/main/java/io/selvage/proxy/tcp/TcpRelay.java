package io.selvage.proxy.tcp;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.Note;
import io.selvage.proxy.accept.Chain;
import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.authorize.Admission;
import io.selvage.proxy.authorize.Passage;
import io.selvage.proxy.authorize.Permit;
import io.selvage.proxy.authorize.Question;
import io.selvage.proxy.authorize.Refusal;
import io.selvage.proxy.extauthz.Check;
import io.selvage.proxy.extauthz.CheckInput;
import io.selvage.proxy.extauthz.Verdict;
import io.selvage.proxy.telemetry.EdgeMetrics;
import io.selvage.proxy.telemetry.ResponseFlag;
import io.selvage.proxy.tls.TlsFailure;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.upstream.TcpUpstream;
import io.selvage.proxy.upstream.UpstreamFailure;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection whose bytes go to and fro as they come: decided once ({@link #decide}), connected
 * ({@link #connect}), then relayed, each direction only as fast as the other end takes it and ended
 * on its own. A new policy that forbids it ends it, and one that has an authorizer asked has it
 * asked while the bytes go on.
 */
final class TcpRelay extends ChannelInboundHandlerAdapter implements Note.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(TcpRelay.class);

  private TcpStack stack;
  private VerifiedPeer peer;
  private final Deque<ByteBuf> early = new ArrayDeque<>(1);
  private @Nullable ChannelHandlerContext client;
  private @Nullable ChannelHandlerContext upstream;
  private Forwarder.@Nullable To target;
  private @Nullable Future<?> idleCheck;
  private @Nullable Check check;
  private long lastByte;
  private boolean connected;
  private boolean clientEnded;
  private boolean upstreamEnded;
  private boolean over;

  TcpRelay(TcpStack stack, VerifiedPeer peer) {
    this.stack = stack;
    this.peer = peer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    client = context;
    lastByte = System.nanoTime();
    refresh(); // policy may have changed while the handshake went on
    decide(context, Admission.ofConnection(peer, this));
  }

  private void refresh() {
    peer = peer.current();
    if (peer.chain().stack() instanceof TcpStack newer) {
      stack = newer;
    }
  }

  // ---- may it pass

  private void decide(ChannelHandlerContext context, Admission admission) {
    switch (admission) {
      case Permit permit -> {
        if (target == null) {
          connect(context, permit);
        }
      }
      case Refusal refusal -> deny(context, refusal);
      case Question question -> ask(context, question);
      case Passage _ -> throw new IllegalStateException("a connection has no tokens");
    }
  }

  private void ask(ChannelHandlerContext context, Question question) {
    CheckInput input =
        new CheckInput(
            new CheckInput.Peer(peer.source(), peer.facts().peerPrincipal()),
            new CheckInput.Peer(
                peer.destination(),
                Optional.ofNullable(peer.own()).map(own -> own.spiffeId().toString())),
            peer.facts().serverName(),
            Instant.ofEpochMilli(peer.record().startMillis()),
            Optional.empty());
    check =
        stack
            .authorizers()
            .named(question.provider())
            .check(
                input,
                context.channel().eventLoop(),
                verdict -> answered(context, question, verdict));
  }

  private void answered(ChannelHandlerContext context, Question question, Verdict verdict) {
    check = null;
    if (over || decidesAgain(context)) {
      return;
    }
    switch (verdict) {
      case Verdict.Allowed _ -> decide(context, question.agreedTcp(this));
      case Verdict.Denied _ -> {
        peer.record().flag(ResponseFlag.UAEX);
        deny(context, new Refusal(question.decision()));
      }
    }
  }

  private void deny(ChannelHandlerContext context, Refusal refusal) {
    String details = refusal.decision().responseCodeDetails();
    LOG.info("connection from {} denied: {}", peer.source(), details);
    peer.record().denied(refusal.decision().ruleId().orElse(""), details);
    finish();
    unwatched(context.close());
  }

  @Override
  public void take(Note note) {
    LOG.info(
        "{} of a connection from {}: {}", note.shadow() ? "dry run" : "audit", peer.source(), note);
  }

  // ---- where to

  private void connect(ChannelHandlerContext context, Permit permit) {
    switch (Forwarder.choose(permit, stack)) {
      case Forwarder.Nowhere(UpstreamFailure failure) -> fail(context, failure);
      case Forwarder.To to -> {
        target = to;
        to.cluster().requests().incrementAndGet();
        to.endpoint().active().incrementAndGet();
        EdgeMetrics edge = stack.reports().edge(peer, to.cluster(), to.endpoint(), "tcp");
        peer.record().edge(edge).upstream(to.cluster().config().name(), to.endpoint().toString());
        to.endpoint().tcp(context.channel().eventLoop(), new UpstreamSide());
        watchIdleness(context);
      }
    }
  }

  private void fail(ChannelHandlerContext context, UpstreamFailure failure) {
    LOG.info("{}: {}", failure.kind(), failure.detail());
    peer.record()
        .flag(ResponseFlag.valueOf(failure.kind().flag()))
        .transportFailure(failure.detail());
    finish();
    unwatched(context.close());
  }

  // ---- from the client

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    ChannelHandlerContext to = upstream;
    lastByte = System.nanoTime();
    peer.record().received(bytes.readableBytes());
    if (over) {
      bytes.release();
    } else if (to == null || !connected) {
      early.add(bytes);
    } else {
      unwatched(to.write(bytes, to.voidPromise()));
      if (!to.channel().isWritable()) {
        context.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (upstream != null && connected) {
      upstream.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (upstream != null && context.channel().isWritable()) {
      readOn(upstream, upstreamEnded);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (Outlet.isEnd(event)) {
      clientEnded = true;
      if (connected && upstream != null) {
        endIfBoth(upstream);
      }
    } else if (event == Chain.Change.SUCCEEDED) {
      var _ = decidesAgain(context);
    }
    context.fireUserEventTriggered(event);
  }

  /**
   * Policy has changed under an open connection. What an authorizer is asked by the old policy no
   * longer matters; by the new one it is asked, unless a policy behind it denies whatever it says.
   *
   * @return whether it has
   */
  private boolean decidesAgain(ChannelHandlerContext context) {
    CompiledAuthorization before = stack.authorization();
    refresh();
    if (over || stack.authorization() == before) {
      return false;
    }
    if (check != null) {
      check.cancel();
      check = null;
    }
    Admission admission = Admission.ofConnection(peer, this);
    decide(context, ifAgreed(admission) instanceof Refusal refusal ? refusal : admission);
    return true;
  }

  /** What it comes to if every authorizer agrees. */
  private static Admission ifAgreed(Admission admission) {
    Admission end = admission;
    while (end instanceof Question question) {
      end = question.agreedTcp(null);
    }
    return end;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    early.forEach(ByteBuf::release);
    early.clear();
    finish();
    if (upstream != null) {
      close(upstream);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = ConnectionFaults.isOurs(context.channel(), cause);
    unwatched(context.close());
  }

  /** A side that has ended must not be read again: epoll no longer knows it. */
  private static void readOn(ChannelHandlerContext side, boolean ended) {
    if (!ended) {
      side.channel().config().setAutoRead(true);
    }
  }

  private void close(ChannelHandlerContext side) {
    Outlet.close(side.channel(), stack.idleTimeout().toNanos());
  }

  private void endIfBoth(ChannelHandlerContext to) {
    Outlet.end(to.channel());
    if (clientEnded && upstreamEnded && client != null) {
      close(client);
    }
  }

  // ---- from the upstream

  private final class UpstreamSide extends ChannelInboundHandlerAdapter implements TcpUpstream {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      upstream = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      if (target != null && target.endpoint().tls() == null) {
        ready(context);
      }
    }

    private void ready(ChannelHandlerContext context) {
      ChannelHandlerContext from = client;
      if (over || from == null) {
        unwatched(context.close());
        return;
      }
      connected = true;
      if (target != null) {
        target.endpoint().answered(200);
      }
      peer.record().upstreamLocalAddress(context.channel().localAddress());
      for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
        unwatched(context.write(bytes, context.voidPromise()));
      }
      context.flush();
      if (clientEnded) {
        endIfBoth(context);
      }
      readOn(from, clientEnded);
    }

    @Override
    public void connectFailed(Kind kind, Throwable cause) {
      if (target != null) {
        target.endpoint().failed();
      }
      ChannelHandlerContext from = client;
      if (!over && from != null && target != null) {
        String detail = target.endpoint() + ": " + TlsFailure.reason(cause);
        fail(from, UpstreamFailure.early(kind, detail));
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      ChannelHandlerContext to = client;
      lastByte = System.nanoTime();
      peer.record().sent(bytes.readableBytes());
      if (over || to == null) {
        bytes.release();
        return;
      }
      unwatched(to.write(bytes, to.voidPromise()));
      if (!to.channel().isWritable()) {
        context.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      if (client != null) {
        client.flush();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (client != null && connected && context.channel().isWritable()) {
        readOn(client, clientEnded);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake) {
        if (handshake.isSuccess()) {
          ready(context);
        } else {
          connectFailed(Kind.ofHandshake(handshake.cause()), handshake.cause());
        }
      } else if (Outlet.isEnd(event) && client != null) {
        upstreamEnded = true;
        endIfBoth(client);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (client != null && connected) {
        close(client);
      }
    }

    /** What resets one side resets the other. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (connected && client != null) {
        peer.record().flag(ResponseFlag.UC);
        client.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        unwatched(client.close());
      }
      unwatched(context.close());
    }
  }

  // ---- times and ends

  private void watchIdleness(ChannelHandlerContext context) {
    long idle = stack.idleTimeout().toNanos();
    if (idle == 0) {
      return;
    }
    long left = idle - (System.nanoTime() - lastByte);
    if (left <= 0) {
      peer.record().flag(ResponseFlag.SI);
      unwatched(context.close());
    } else {
      idleCheck =
          context.executor().schedule(() -> watchIdleness(context), left, TimeUnit.NANOSECONDS);
    }
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    if (check != null) {
      check.cancel();
    }
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
    Forwarder.To to = target;
    if (to != null) {
      to.cluster().requests().decrementAndGet();
      to.endpoint().active().decrementAndGet();
    }
    peer.record().complete(System.nanoTime());
  }
}
