package io.selvage.it.conformance;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.selvage.proxy.netns.NetworkNamespace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stands behind the proxy: on HTTP it answers 200 with the request as it arrived, as JSON; on
 * TCP it sends back what it gets. It speaks HTTP/1 and HTTP/2, and tells by the first bytes.
 */
final class Application implements AutoCloseable {
  /**
   * A header of its answers, by which a client knows them; holds the told request, in base64, where
   * there is no body.
   */
  static final String ANSWERED = "x-application";

  private static final String PREFACE = "PRI * HTTP/2";
  private static final int MAX_BODY = 1 << 16;
  private static final int LONGEST_HEAD = 1 << 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Listens at the stage's ports inside {@code namespace}. */
  Application(NetworkNamespace namespace) {
    try {
      for (int port : List.of(Stage.HTTP_PORT, Stage.GRPC_PORT, Stage.TCP_PORT, Stage.OTHER_PORT)) {
        listen(namespace, port);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void listen(NetworkNamespace namespace, int port) {
    new ServerBootstrap()
        .group(loops)
        .channelFactory(
            () -> {
              try {
                return namespace.call(NioServerSocketChannel::new);
              } catch (Exception e) {
                throw new IllegalStateException("cannot listen in " + namespace, e);
              }
            })
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(port == Stage.TCP_PORT ? new Echo() : new Sniffer(port));
              }
            })
        .bind(port)
        .syncUninterruptibly();
  }

  @Override
  public void close() {
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** The request as it arrived. */
  private static ByteBuf told(String method, String target, String host, List<Header> headers) {
    var all = new java.util.LinkedHashMap<String, Object>();
    all.put("method", method);
    all.put("target", target);
    all.put("host", host);
    all.put("headers", headers);
    return Unpooled.wrappedBuffer(JsonMapper.shared().writeValueAsBytes(all));
  }

  private static String named(String method, ByteBuf told) {
    byte[] bytes = new byte[told.readableBytes()];
    told.getBytes(told.readerIndex(), bytes);
    return method.equals("HEAD") ? Base64.getEncoder().encodeToString(bytes) : "told";
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var _ = context.writeAndFlush(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  /** Chooses by the first bytes. */
  private static final class Sniffer extends ByteToMessageDecoder {
    private final int port;

    Sniffer(int port) {
      this.port = port;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      String first = in.toString(StandardCharsets.ISO_8859_1);
      boolean mayBePreface = PREFACE.startsWith(first) || first.startsWith(PREFACE);
      if (mayBePreface && first.length() < PREFACE.length()) {
        return;
      }
      var pipeline = context.pipeline();
      if (mayBePreface) {
        pipeline.addLast(
            Http2FrameCodecBuilder.forServer().validateHeaders(false).build(),
            new Http2MultiplexHandler(new Http2Answers()));
      } else if (port != Stage.OTHER_PORT || first.matches("(?s)[A-Z]+ [^ \n]+ HTTP/1\\..*")) {
        pipeline.addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LONGEST_HEAD)
                    .setMaxHeaderSize(LONGEST_HEAD)
                    .setValidateHeaders(false)),
            new HttpObjectAggregator(MAX_BODY),
            new Http1Answers());
      } else {
        pipeline.addLast(new Echo());
      }
      pipeline.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private static final class Http1Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (request.decoderResult().isFailure()) {
        var _ = context.close();
        return;
      }
      List<Header> headers = new ArrayList<>();
      request.headers().forEach(each -> headers.add(new Header(each.getKey(), each.getValue())));
      String host = request.headers().get(HttpHeaderNames.HOST, "");
      ByteBuf body = told(request.method().name(), request.uri(), host, headers);
      var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      answer
          .headers()
          .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
          .set(ANSWERED, named(request.method().name(), body));
      var _ = context.writeAndFlush(answer);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private static final class Http2Answers extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream
          .pipeline()
          .addLast(
              new SimpleChannelInboundHandler<Http2HeadersFrame>() {
                @Override
                protected void channelRead0(ChannelHandlerContext at, Http2HeadersFrame frame) {
                  answer(at, frame);
                }
              });
    }

    private static void answer(ChannelHandlerContext context, Http2HeadersFrame frame) {
      List<Header> headers = new ArrayList<>();
      frame
          .headers()
          .forEach(
              each -> {
                if (each.getKey().length() > 0 && each.getKey().charAt(0) != ':') {
                  headers.add(new Header(each.getKey().toString(), each.getValue().toString()));
                }
              });
      ByteBuf body =
          told(
              text(frame.headers().method()),
              text(frame.headers().path()),
              text(frame.headers().authority()),
              headers);
      var _ =
          context.write(
              new DefaultHttp2HeadersFrame(
                  new DefaultHttp2Headers()
                      .status("200")
                      .add(ANSWERED, named(text(frame.headers().method()), body))));
      context
          .writeAndFlush(new DefaultHttp2DataFrame(body, true))
          .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private static String text(@org.jspecify.annotations.Nullable CharSequence text) {
      return text == null ? "" : text.toString();
    }
  }
}
