package io.selvage.proxy.pod;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Asks the application in this Pod, at the Pod's address as kubelet would. The connections come
 * from 127.0.0.6 (::6), which capture leaves alone: nobody but the sidecar can have that address.
 */
final class ApplicationClient {
  private final EventLoops loops;
  private final Sockets sockets;
  private final InetAddress application;
  private final InetAddress source;
  private final SslContext insecure;

  /**
   * What the application said.
   *
   * @param body at most as long as was asked for
   */
  record Reply(int status, String type, String body) {}

  /**
   * Of one Pod.
   *
   * @param application the Pod's address
   * @param source where connections come from
   */
  ApplicationClient(EventLoops loops, InetAddress application, InetAddress source)
      throws IOException {
    this.loops = loops;
    this.sockets = Sockets.plain(loops.transport());
    this.application = application;
    this.source = source;
    this.insecure = insecure();
  }

  /** Kubelet's way: a probe asks whether it is well, not who it is. */
  private static SslContext insecure() throws IOException {
    try {
      return SslContextBuilder.forClient()
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null)
          .build();
    } catch (SSLException e) {
      throw new IOException("no TLS for probes: " + e.getMessage(), e);
    }
  }

  InetAddress application() {
    return application;
  }

  InetAddress source() {
    return source;
  }

  /** Completes when a connection was made; it is closed again. */
  CompletableFuture<Void> connect(int port, Duration timeout) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    connecting(
            port,
            timeout,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(SocketChannel channel) {}
            })
        .addListener(
            (ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                unwatched(connected.channel().close());
                done.complete(null);
              } else {
                done.completeExceptionally(connected.cause());
              }
            });
    return done;
  }

  /**
   * Asks with GET.
   *
   * @param headers sent with it, {@code Host} too
   * @param most of the body that is kept; the answer is complete there
   */
  CompletableFuture<Reply> get(Prober.Http where, Map<String, String> headers, int most) {
    CompletableFuture<Reply> done = new CompletableFuture<>();
    ChannelFuture connecting =
        connecting(
            where.port(),
            where.timeout(),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                if (where.tls()) {
                  channel.pipeline().addLast(insecure.newHandler(channel.alloc()));
                }
                channel
                    .pipeline()
                    .addLast(new HttpClientCodec())
                    .addLast(new HttpContentDecompressor(most))
                    .addLast(new Collector(done, most));
              }
            });
    connecting.addListener(
        (ChannelFuture connected) -> {
          if (connected.isSuccess()) {
            unwatched(connected.channel().writeAndFlush(request(where, headers)));
          } else {
            done.completeExceptionally(connected.cause());
          }
        });
    Channel channel = connecting.channel();
    return done.orTimeout(where.timeout().toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> unwatched(channel.close()));
  }

  private static DefaultFullHttpRequest request(Prober.Http where, Map<String, String> headers) {
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, where.path());
    headers.forEach((name, value) -> request.headers().set(name, value));
    request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return request;
  }

  private ChannelFuture connecting(
      int port, Duration timeout, ChannelInitializer<SocketChannel> handlers) {
    return new Bootstrap()
        .group(loops.group())
        .channelFactory(sockets::connecting)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
        .handler(handlers)
        .connect(new InetSocketAddress(application, port), new InetSocketAddress(source, 0));
  }

  /** Gathers one answer. */
  private static final class Collector extends SimpleChannelInboundHandler<HttpObject> {
    private final CompletableFuture<Reply> done;
    private final int most;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status;
    private String type = "";

    Collector(CompletableFuture<Reply> done, int most) {
      this.done = done;
      this.most = most;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
      if (part.decoderResult().isFailure()) {
        done.completeExceptionally(part.decoderResult().cause());
        return;
      }
      if (part instanceof HttpResponse head) {
        status = head.status().code();
        type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
      }
      if (part instanceof HttpContent content) {
        ByteBuf bytes = content.content();
        int some = Math.min(bytes.readableBytes(), most - body.size());
        body.writeBytes(ByteBufUtil.getBytes(bytes, bytes.readerIndex(), some));
        if (part instanceof LastHttpContent || body.size() == most) {
          done.complete(new Reply(status, type, body.toString(StandardCharsets.UTF_8)));
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      done.completeExceptionally(new IOException("the application closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.completeExceptionally(cause);
      unwatched(context.close());
    }
  }
}
