package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.selvage.proxy.tls.ClientTls;
import io.selvage.proxy.tls.TlsNotReady;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster's connections are made, each on the event loop of the client that needs it. A
 * failure is told there too, and never before the call that wanted the connection has returned: a
 * socket that can't be opened at all fails at once, on a thread of Netty's.
 */
final class Connecting {
  private final Upstreams upstreams;
  private final Duration timeout;
  private final Optional<InetSocketAddress> from;
  private final @Nullable Http1Limit limit;

  /**
   * As many as are wanted.
   *
   * @param from source address, with port 0
   */
  Connecting(Upstreams upstreams, Duration timeout, Optional<InetSocketAddress> from) {
    this(upstreams, timeout, from, null);
  }

  /**
   * @param from source address, with port 0
   * @param limit of connections of HTTP/1.1; null: none
   */
  Connecting(
      Upstreams upstreams,
      Duration timeout,
      Optional<InetSocketAddress> from,
      @Nullable Http1Limit limit) {
    this.limit = limit;
    this.upstreams = upstreams;
    this.timeout = timeout;
    this.from = from;
  }

  /** Of connections of HTTP/1.1; null: none. */
  @Nullable Http1Limit limit() {
    return limit;
  }

  void http1(EventLoop loop, Endpoint endpoint, Http1Upstream handler) {
    endpoint.connectsFor(ClientTls.Payload.HTTP1);
    var _ = open(loop, endpoint, ClientTls.Payload.HTTP1, false, handler, handler::connectFailed);
  }

  void http2(EventLoop loop, Endpoint endpoint, Http2UpstreamConnection handler) {
    endpoint.connectsFor(ClientTls.Payload.HTTP2);
    var _ = open(loop, endpoint, ClientTls.Payload.HTTP2, false, handler, handler::connectFailed);
  }

  void tcp(EventLoop loop, Endpoint endpoint, TcpUpstream handler) {
    endpoint.connectsFor(ClientTls.Payload.TCP);
    var _ = open(loop, endpoint, ClientTls.Payload.TCP, true, handler, handler::connectFailed);
  }

  /**
   * Connects as was connected last, and ends the connection when there is one: {@link Reachability}
   * is told.
   */
  void probe(Endpoint endpoint) {
    EventLoop loop = upstreams.loops().all().getFirst();
    if (!loop.isShuttingDown()) {
      loop.execute(() -> probe(endpoint, loop));
    }
  }

  private void probe(Endpoint endpoint, EventLoop loop) {
    if (!endpoint.isRetired()) {
      Probe probe = new Probe(endpoint);
      endpoint.isProbedBy(open(loop, endpoint, endpoint.payload(), false, probe, (k, c) -> {}));
    }
  }

  private Bootstrap bootstrap(EventLoop loop) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(upstreams.sockets()::connecting)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis());
  }

  private ChannelFuture connect(Bootstrap bootstrap, Endpoint endpoint) {
    return from.isPresent()
        ? bootstrap.connect(endpoint.address(), from.get())
        : bootstrap.connect(endpoint.address());
  }

  private Channel open(
      EventLoop loop,
      Endpoint endpoint,
      ClientTls.Payload payload,
      boolean halfClosure,
      ChannelHandler handler,
      BiConsumer<Kind, Throwable> failed) {
    Attempt attempt = new Attempt(endpoint, loop);
    Bootstrap bootstrap =
        bootstrap(loop)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) throws TlsNotReady {
                    ClientTls tls = endpoint.tls();
                    if (tls != null) {
                      SslHandler ssl = tls.connect(channel.alloc(), payload);
                      attempt.shakesHands(ssl);
                      channel.pipeline().addLast(ssl);
                    }
                    channel.pipeline().addLast(handler);
                  }

                  @Override
                  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                    unwatched(context.close());
                    loop.execute(() -> failed.accept(Kind.TLS_FAILED, cause));
                  }
                });
    ChannelFuture connect = connect(bootstrap, endpoint);
    unwatched(
        connect.addListener(
            done -> {
              attempt.connected(done);
              if (!done.isSuccess()) {
                boolean late = done.cause() instanceof ConnectTimeoutException;
                Kind kind = late ? Kind.CONNECT_TIMEOUT : Kind.CONNECT_FAILED;
                loop.execute(() -> failed.accept(kind, done.cause()));
              }
            }));
    return connect.channel();
  }

  /**
   * One connection that is waited for, up to the end of its handshake where it has one: "the
   * timeout for new network connections" ({@code connect_timeout}) is for both together.
   */
  private final class Attempt {
    private final Endpoint endpoint;
    private final Reachability reachability;
    private final long beganNanos = System.nanoTime();
    private final Future<?> late;
    private @Nullable SslHandler tls;
    private boolean over;

    Attempt(Endpoint endpoint, EventLoop loop) {
      this.endpoint = endpoint;
      this.reachability = endpoint.reachability();
      long began = reachability.begin();
      this.late =
          loop.schedule(
              () -> reachability.waitedInVain(began),
              Math.min(Reachability.LATE.toMillis(), millis()),
              TimeUnit.MILLISECONDS);
    }

    void shakesHands(SslHandler handler) {
      tls = handler;
      unwatched(handler.handshakeFuture().addListener(this::isOver));
    }

    /** TCP is connected, before anybody else is told; or it is not. */
    void connected(Future<?> done) {
      SslHandler handshake = tls;
      if (handshake == null || !done.isSuccess()) {
        isOver(done);
      } else {
        long spent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
        handshake.setHandshakeTimeoutMillis(Math.max(1, millis() - spent));
      }
    }

    private void isOver(Future<?> done) {
      if (over) {
        return; // without a connection the handshake fails as well
      }
      over = true;
      boolean silence =
          done.cause() instanceof ConnectTimeoutException
              || done.cause() instanceof SslHandshakeTimeoutException;
      if (!silence) {
        late.cancel(false);
      }
      if (done.isSuccess()) {
        reachability.connected();
      } else if (done.cause() instanceof ClosedChannelException) {
        endpoint.tryAgain(); // who wanted it has gone before it could be known
      }
    }
  }

  /** Wants to know whether a connection comes about, and nothing else. */
  private static final class Probe extends ChannelInboundHandlerAdapter {
    private final boolean plaintext;

    Probe(Endpoint endpoint) {
      this.plaintext = endpoint.tls() == null;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      if (plaintext) {
        unwatched(context.close());
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent) {
        unwatched(context.close());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      unwatched(context.close()); // Reachability knows
    }
  }

  private int millis() {
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }
}
