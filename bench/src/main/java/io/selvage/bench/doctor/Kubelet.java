package io.selvage.bench.doctor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * As much of a kubelet as a doctor calls, for Pods that are objects alone: {@code /containerLogs}
 * and {@code /portForward} (Kubernetes' {@code v4.channel.k8s.io}: each frame begins with its
 * channel's number, each channel with the port). At the end of a forwarded port is whatever a
 * folder's files say: {@code PORT/certs}, {@code PORT/config_dump}, ….
 */
public final class Kubelet {
  private static final int LARGEST_FRAME = 1 << 20;
  private static final String PROTOCOL = "v4.channel.k8s.io";

  private final Map<String, byte[]> pages = new HashMap<>();
  private final byte[] log;

  private Kubelet(Path folder) throws IOException {
    log = Files.readAllBytes(folder.resolve("log"));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        pages.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
  }

  /** {@code Kubelet PORT CERTIFICATE KEY FOLDER}: serves until its process is ended. */
  public static void main(String[] arguments) throws Exception {
    var kubelet = new Kubelet(Path.of(arguments[3]));
    SslContext tls =
        SslContextBuilder.forServer(Path.of(arguments[1]).toFile(), Path.of(arguments[2]).toFile())
            .build();
    new ServerBootstrap()
        .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(tls.newHandler(channel.alloc()))
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(1 << 16))
                    .addLast(kubelet.new Router());
              }
            })
        .bind("127.0.0.1", Integer.parseInt(arguments[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  /** Answers for logs, and hands what asks for a port on. */
  private final class Router extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      var uri = new QueryStringDecoder(request.uri());
      if (uri.path().startsWith("/portForward/")) {
        int port = Integer.parseInt(uri.parameters().getOrDefault("port", List.of("0")).getFirst());
        context
            .pipeline()
            .addLast(
                new WebSocketServerProtocolHandler(
                    WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath("/portForward/")
                        .checkStartsWith(true)
                        .subprotocols(PROTOCOL)
                        .maxFramePayloadLength(LARGEST_FRAME)
                        .build()))
            .addLast(new Forwarded(port));
        context.fireChannelRead(request.retain());
        return;
      }
      var found = uri.path().startsWith("/containerLogs/");
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              found ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND,
              Unpooled.wrappedBuffer(found ? log : new byte[0]));
      response.headers().set("Content-Length", response.content().readableBytes());
      var _ = context.writeAndFlush(response);
    }
  }

  /** One port: an HTTP/1.1 server behind two channels. */
  private final class Forwarded extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final int port;
    private final StringBuilder asked = new StringBuilder();

    Forwarded(int port) {
      this.port = port;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
        for (int channel = 0; channel < 2; channel++) {
          ByteBuf begin = context.alloc().buffer(3);
          begin.writeByte(channel).writeShortLE(port);
          var _ = context.write(new BinaryWebSocketFrame(begin));
        }
        context.flush();
      }
      super.userEventTriggered(context, event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      ByteBuf content = frame.content();
      if (!content.isReadable() || content.readByte() != 0) {
        return;
      }
      asked.append(content.toString(US_ASCII));
      for (int end = asked.indexOf("\r\n\r\n"); end >= 0; end = asked.indexOf("\r\n\r\n")) {
        String request = asked.substring(0, end);
        asked.delete(0, end + 4);
        answer(context, request);
      }
      context.flush();
    }

    private void answer(ChannelHandlerContext context, String request) {
      String path = request.split(" ", 3)[1].replaceFirst("\\?.*", "");
      Optional<byte[]> page = Optional.ofNullable(pages.get(port + path));
      byte[] body = page.orElseGet(() -> "no such page".getBytes(UTF_8));
      String head =
          "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(page.isPresent() ? "200 OK" : "404 Not Found", body.length);
      ByteBuf whole = Unpooled.wrappedBuffer(head.getBytes(US_ASCII), body);
      while (whole.isReadable()) {
        ByteBuf part = whole.readRetainedSlice(Math.min(whole.readableBytes(), 1 << 15));
        var _ =
            context.write(
                new BinaryWebSocketFrame(
                    Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[1]), part)));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        throw new UncheckedIOException(new IOException("a forwarded port", cause));
      }
      var _ = context.close();
    }
  }
}
