package io.selvage.it.conformance;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.stub.StreamObserver;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The external authorizer of {@link Stage}, by both of Istio's protocols. */
final class Authorizer implements AutoCloseable {
  private static final int HTTP = 8000;
  private static final int GRPC = 9000;
  private static final int DENIED = 7;

  private final io.netty.channel.EventLoopGroup httpLoops =
      new io.netty.channel.MultiThreadIoEventLoopGroup(
          1, io.netty.channel.nio.NioIoHandler.newFactory());
  private final EventLoopGroup grpcLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server grpc;

  /** Listens at its address inside {@code namespace}. */
  Authorizer(NetworkNamespace namespace) throws IOException {
    new ServerBootstrap()
        .group(httpLoops)
        .channelFactory(
            () -> inside(namespace, io.netty.channel.socket.nio.NioServerSocketChannel::new))
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(), new HttpObjectAggregator(1 << 16), new Answers());
              }
            })
        .bind(Stage.AUTHORIZER, HTTP)
        .syncUninterruptibly();
    this.grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress(Stage.AUTHORIZER, GRPC))
            .bossEventLoopGroup(grpcLoops)
            .workerEventLoopGroup(grpcLoops)
            .channelFactory(() -> inside(namespace, NioServerSocketChannel::new))
            .addService(new Checks())
            .build()
            .start();
  }

  private static <T> T inside(
      NetworkNamespace namespace, java.util.concurrent.Callable<T> channel) {
    try {
      return namespace.call(channel);
    } catch (Exception e) {
      throw new IllegalStateException("cannot listen in " + namespace, e);
    }
  }

  private static boolean agrees(List<String> values) {
    return values.equals(List.of(Stage.CHECKED_VALUE));
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    var _ = httpLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    var _ = grpcLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      boolean agreed = agrees(request.headers().getAll(Stage.CHECKED_HEADER));
      byte[] words = agreed ? new byte[0] : Stage.CHECK_REFUSAL.getBytes(StandardCharsets.US_ASCII);
      var answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              agreed ? HttpResponseStatus.OK : HttpResponseStatus.FORBIDDEN,
              Unpooled.wrappedBuffer(words));
      answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, words.length);
      var _ = context.writeAndFlush(answer);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private static final class Checks extends AuthorizationGrpc.AuthorizationImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> answers) {
      var http = request.getAttributes().getRequest().getHttp();
      String value = http.getHeadersOrDefault(Stage.CHECKED_HEADER, "");
      answers.onNext(agrees(List.of(value)) ? CheckResponse.getDefaultInstance() : denied());
      answers.onCompleted();
    }

    private static CheckResponse denied() {
      return CheckResponse.newBuilder()
          .setStatus(Status.newBuilder().setCode(DENIED))
          .setDeniedResponse(
              DeniedHttpResponse.newBuilder()
                  .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Forbidden))
                  .setBody(Stage.CHECK_REFUSAL))
          .build();
    }
  }
}
