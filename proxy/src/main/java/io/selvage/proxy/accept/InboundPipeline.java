package io.selvage.proxy.accept;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.selvage.proxy.telemetry.ConnectionRecord;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.telemetry.ResponseFlag;
import io.selvage.proxy.tls.ServerTls;
import io.selvage.proxy.tls.TlsNotReady;
import io.selvage.proxy.transport.ConnectionFaults;
import io.selvage.proxy.transport.OriginalDestination;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a connection that arrives, until somebody knows what to do with its bytes. Read
 * the steps downwards: {@link #destination} (where did it want to go), {@link #look} (what does it
 * speak), {@link #match} (which filter chain is meant), {@link #secure} (TLS), {@link #verify} (who
 * is there), {@link #handOver}.
 */
public final class InboundPipeline extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(InboundPipeline.class);
  private static final int FIRST_BYTES_SECONDS = 15;
  private static final int HANDSHAKE_SECONDS = 10;

  /**
   * What a pipeline needs of its surroundings.
   *
   * @param listener name of the listener whose socket took the connection
   * @param listeners the current ones
   * @param destination said by configuration, where capture doesn't tell
   * @param rejected who hears of connections that no chain takes
   * @param clock says when a connection came
   */
  public record Entry(
      String listener,
      Supplier<Listeners> listeners,
      Optional<InetSocketAddress> destination,
      Reporting rejected,
      InstantSource clock) {}

  private final Entry entry;
  private final long acceptedMillis;
  private final long acceptedNanos = System.nanoTime();
  private @Nullable ByteBuf first;
  private @Nullable ChainTable table;
  private @Nullable InetSocketAddress dialled;
  private @Nullable MatchedChain matched;
  private ServerTls.@Nullable Session tls;
  private @Nullable Future<?> patience;
  private boolean over;

  public InboundPipeline(Entry entry) {
    this.entry = entry;
    this.acceptedMillis = entry.clock().millis();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    InetSocketAddress destination = destination(ctx.channel());
    Listeners listeners = entry.listeners().get();
    ChainTable bound = listeners.byName().get(entry.listener());
    if (bound == null) {
      unwatched(ctx.close());
      return;
    }
    dialled = destination;
    ChainTable chains = listeners.forDestination(bound, destination);
    table = chains;
    if (chains.needsFirstBytes(destination.getPort())) {
      patience = ctx.executor().schedule(() -> silent(ctx), FIRST_BYTES_SECONDS, TimeUnit.SECONDS);
    } else {
      match(ctx, Arrival.plaintext(source(ctx), destination, List.of()));
    }
  }

  // ---- 1: where did it want to go

  private InetSocketAddress destination(Channel channel) {
    if (entry.destination().isPresent()) {
      return entry.destination().get();
    }
    return OriginalDestination.of(channel)
        .orElseGet(() -> (InetSocketAddress) channel.localAddress());
  }

  private static InetSocketAddress source(ChannelHandlerContext ctx) {
    return (InetSocketAddress) ctx.channel().remoteAddress();
  }

  // ---- 2: what does it speak

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (over) {
      bytes.release();
      return;
    }
    ByteBuf before = first;
    first =
        before == null
            ? bytes
            : ctx.alloc()
                .compositeBuffer()
                .addFlattenedComponents(true, before)
                .addFlattenedComponents(true, bytes);
    if (matched == null) {
      look(ctx, first);
    }
  }

  private void look(ChannelHandlerContext ctx, ByteBuf seen) {
    InetSocketAddress destination = dialled;
    if (destination == null) {
      return;
    }
    ChainTable chains = table;
    boolean plain = chains != null && chains.takesAllForPlaintext(destination.getPort());
    switch (plain ? FirstBytes.Preface.look(seen) : FirstBytes.of(seen)) {
      case FirstBytes.NeedMore _ -> {}
      case FirstBytes.Tls(ClientHello hello) ->
          match(ctx, Arrival.tls(source(ctx), destination, hello));
      case FirstBytes.Plaintext _ -> plaintext(ctx, seen, destination);
      case FirstBytes.Malformed(String why) -> refuse(ctx, "SLV2024 " + why);
    }
  }

  private void plaintext(ChannelHandlerContext ctx, ByteBuf seen, InetSocketAddress destination) {
    ChainTable chains = table;
    Optional<List<String>> spoken =
        chains != null && chains.asksForPlaintextProtocol(destination.getPort())
            ? PlaintextProtocol.of(seen)
            : Optional.of(List.of());
    spoken.ifPresent(
        protocols -> match(ctx, Arrival.plaintext(source(ctx), destination, protocols)));
  }

  /** A client that waits for the server to speak first speaks no TLS. */
  private void silent(ChannelHandlerContext ctx) {
    if (matched == null && !over && dialled != null) {
      match(ctx, Arrival.plaintext(source(ctx), dialled, List.of()));
    }
  }

  // ---- 3: which filter chain is meant

  private void match(ChannelHandlerContext ctx, Arrival arrival) {
    if (patience != null) {
      patience.cancel(false);
    }
    ChainTable chains = table;
    MatchedChain found = chains == null ? null : MatchedChain.find(chains, arrival);
    if (found == null) {
      boolean byName = chains != null && chains.isForServerNames();
      refuse(ctx, reasonForNoChain(arrival, byName));
      return;
    }
    matched = found;
    if (found.chain().tls().isPresent()) {
      secure(ctx, found, found.chain().tls().get());
    } else {
      verify(ctx, found);
    }
  }

  private static String reasonForNoChain(Arrival arrival, boolean byName) {
    boolean plaintext = arrival.transport() == io.selvage.xds.resource.FilterChain.Transport.RAW;
    if (plaintext && byName) {
      return "SLV7272 no TLS from "
          + arrival.source()
          + ", or no whole hello in time, where connections are passed on by their server name";
    }
    return plaintext
        ? "SLV2001 plaintext from "
            + arrival.source()
            + " where only mutual TLS is accepted (PeerAuthentication STRICT): give the client a"
            + " sidecar, or set PERMISSIVE for port "
            + arrival.destination().getPort()
        : "SLV2025 no filter chain for TLS from "
            + arrival.source()
            + " with server name "
            + arrival.serverName().orElse("(none)")
            + " and protocols "
            + arrival.alpn();
  }

  // ---- 4: TLS

  private void secure(ChannelHandlerContext ctx, MatchedChain found, ServerTls settings) {
    try {
      ServerTls.Session session = settings.accept(ctx.alloc());
      session.handler().setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
      tls = session;
      ctx.pipeline().addBefore(ctx.name(), "tls", session.handler());
      replay(ctx);
    } catch (TlsNotReady e) {
      refuse(ctx, "SLV1010 " + found.chain().config().name() + ": " + e.getMessage());
    }
  }

  private void replay(ChannelHandlerContext ctx) {
    ByteBuf seen = first;
    first = null;
    if (seen != null) {
      ctx.pipeline().fireChannelRead(seen);
      ctx.pipeline().fireChannelReadComplete();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && matched != null) {
      if (handshake.isSuccess()) {
        verify(ctx, matched);
      } else {
        String cause = String.valueOf(rootOf(handshake.cause()).getMessage());
        refuse(ctx, cause.startsWith("SLV") ? cause : "SLV2011 TLS handshake failed: " + cause);
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private static Throwable rootOf(Throwable cause) {
    Throwable root = cause;
    for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
      root = root.getCause();
    }
    return root;
  }

  // ---- 5: who is there

  private void verify(ChannelHandlerContext ctx, MatchedChain found) {
    Reporting reporting = found.chain().stack().reporting();
    ConnectionRecord record =
        new ConnectionRecord(reporting, acceptedMillis, acceptedNanos)
            .addresses(found.arrival().source(), found.arrival().destination())
            .serverName(found.arrival().serverName().orElse(null));
    try {
      handOver(ctx, VerifiedPeer.of(found, tls, record));
    } catch (PeerRefused e) {
      refuse(ctx, String.valueOf(e.getMessage()));
    }
  }

  // ---- 6: on to HTTP, or to the relay

  private void handOver(ChannelHandlerContext ctx, VerifiedPeer peer) {
    over = true;
    peer.chain().opened(ctx.channel());
    peer.chain().stack().begin(ctx, peer);
    ByteBuf seen = first;
    first = null;
    if (seen != null) {
      ctx.pipeline().fireChannelRead(seen);
      ctx.pipeline().fireChannelReadComplete();
    }
  }

  // ---- or not at all

  /** Closes with a reset, so that the client knows at once that this was no answer. */
  private void refuse(ChannelHandlerContext ctx, String why) {
    over = true;
    drop();
    LOG.info(
        "{}: connection from {} refused: {}", entry.listener(), ctx.channel().remoteAddress(), why);
    ConnectionRecord record =
        new ConnectionRecord(entry.rejected(), acceptedMillis, acceptedNanos)
            .addresses(ctx.channel().remoteAddress(), ctx.channel().localAddress())
            .flag(ResponseFlag.NR)
            .terminationDetails(why);
    record.complete(System.nanoTime());
    if (tls == null) {
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    unwatched(ctx.close());
  }

  private void drop() {
    if (first != null) {
      first.release();
      first = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    drop();
    if (patience != null) {
      patience.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ConnectionFaults.isOurs(ctx.channel(), cause);
    if (!over && tls == null) {
      unwatched(ctx.close());
    }
  }
}
