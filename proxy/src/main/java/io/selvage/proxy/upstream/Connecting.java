package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.selvage.proxy.tls.ClientTls;
import io.selvage.proxy.tls.TlsNotReady;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * How a cluster's connections are made, each on the event loop of the client that needs it. A
 * failure is told there too, and never before the call that wanted the connection has returned: a
 * socket that can't be opened at all fails at once, on a thread of Netty's.
 */
final class Connecting {
  private final Upstreams upstreams;
  private final Duration timeout;
  private final Optional<InetSocketAddress> from;

  /**
   * @param from source address, with port 0
   */
  Connecting(Upstreams upstreams, Duration timeout, Optional<InetSocketAddress> from) {
    this.upstreams = upstreams;
    this.timeout = timeout;
    this.from = from;
  }

  void http1(EventLoop loop, Endpoint endpoint, Http1Upstream handler) {
    open(loop, endpoint, ClientTls.Payload.HTTP1, false, handler, handler::connectFailed);
  }

  void http2(EventLoop loop, Endpoint endpoint, Http2UpstreamConnection handler) {
    open(loop, endpoint, ClientTls.Payload.HTTP2, false, handler, handler::connectFailed);
  }

  void tcp(EventLoop loop, Endpoint endpoint, TcpUpstream handler) {
    open(loop, endpoint, ClientTls.Payload.TCP, true, handler, handler::connectFailed);
  }

  /** Connects, and ends the connection when there is one: {@link Reachability} is told. */
  void probe(Endpoint endpoint) {
    EventLoop loop = upstreams.loops().all().getFirst();
    if (loop.isShuttingDown()) {
      return;
    }
    Bootstrap bootstrap = bootstrap(loop).handler(new ChannelInboundHandlerAdapter());
    connect(loop, bootstrap, endpoint)
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                unwatched(done.channel().close());
              }
            });
  }

  private Bootstrap bootstrap(EventLoop loop) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(upstreams.sockets()::connecting)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis());
  }

  private ChannelFuture connect(EventLoop loop, Bootstrap bootstrap, Endpoint endpoint) {
    Reachability reachability = endpoint.reachability();
    long began = reachability.begin();
    var late =
        loop.schedule(
            () -> reachability.waitedInVain(began),
            Math.min(Reachability.LATE.toMillis(), millis()),
            TimeUnit.MILLISECONDS);
    ChannelFuture connect =
        from.isPresent()
            ? bootstrap.connect(endpoint.address(), from.get())
            : bootstrap.connect(endpoint.address());
    return connect.addListener(
        done -> {
          if (!(done.cause() instanceof ConnectTimeoutException)) {
            late.cancel(false);
          }
          if (done.isSuccess()) {
            reachability.connected();
          } else if (done.cause() instanceof ClosedChannelException) {
            endpoint.tryAgain(); // who wanted it has gone before it could be known
          }
        });
  }

  private void open(
      EventLoop loop,
      Endpoint endpoint,
      ClientTls.Payload payload,
      boolean halfClosure,
      ChannelHandler handler,
      BiConsumer<Kind, Throwable> failed) {
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
                      ssl.setHandshakeTimeoutMillis(millis());
                      channel.pipeline().addLast(ssl);
                    }
                    channel.pipeline().addLast(handler);
                  }

                  @Override
                  public void exceptionCaught(
                      io.netty.channel.ChannelHandlerContext context, Throwable cause) {
                    unwatched(context.close());
                    loop.execute(() -> failed.accept(Kind.TLS_FAILED, cause));
                  }
                });
    connect(loop, bootstrap, endpoint)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                boolean late = done.cause() instanceof ConnectTimeoutException;
                Kind kind = late ? Kind.CONNECT_TIMEOUT : Kind.CONNECT_FAILED;
                loop.execute(() -> failed.accept(kind, done.cause()));
              }
            });
  }

  private int millis() {
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }
}
