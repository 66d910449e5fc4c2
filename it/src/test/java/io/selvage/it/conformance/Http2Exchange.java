package io.selvage.it.conformance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request as HTTP/2 frames and the answer to it. Netty makes the frames and checks nothing of
 * their content; a reset stream is an end without an answer.
 */
final class Http2Exchange {
  private static final String PREFACE = "PRI * HTTP/2";
  private static final int STREAM = 1;

  private final Socket socket;
  private final Request request;
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext context = channel.pipeline().lastContext();
  private final DefaultHttp2FrameWriter writer = new DefaultHttp2FrameWriter();
  private final Frames frames = new Frames();

  Http2Exchange(Socket socket, Request request) {
    this.socket = socket;
    this.request = request;
  }

  Outcome outcome() throws IOException {
    ByteBuf got = Unpooled.buffer();
    try (var reader = new DefaultHttp2FrameReader(false)) {
      var _ = context.write(Http2CodecUtil.connectionPrefaceBuf());
      var _ =
          writer.writeSettings(
              context, new Http2Settings().pushEnabled(false), context.newPromise());
      var _ = writer.writeHeaders(context, STREAM, headers(), 0, true, context.newPromise());
      send();
      byte[] buffer = new byte[1 << 14];
      boolean first = true;
      while (!frames.ended) {
        int count = socket.getInputStream().read(buffer);
        if (count < 0) {
          return Outcome.CLOSED;
        }
        if (first && new String(buffer, 0, count, StandardCharsets.US_ASCII).startsWith(PREFACE)) {
          return Outcome.ECHO;
        }
        first = false;
        got.writeBytes(buffer, 0, count);
        reader.readFrame(context, got, frames);
        send();
      }
      return frames.outcome();
    } catch (Http2Exception e) {
      throw new IllegalStateException("not HTTP/2", e);
    } finally {
      got.release();
      channel.finishAndReleaseAll();
      writer.close();
    }
  }

  private Http2Headers headers() {
    var headers = new DefaultHttp2Headers(false);
    headers.add(":method", request.method());
    headers.add(":scheme", request.isTls() ? "https" : "http");
    headers.add(":path", request.path());
    if (!request.host().isEmpty()) {
      headers.add(":authority", request.host());
    }
    request.headers().forEach(each -> headers.add(each.name(), each.value()));
    return headers;
  }

  private void send() {
    channel.flushOutbound();
    try {
      OutputStream out = socket.getOutputStream();
      for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
        next.readBytes(out, next.readableBytes());
        next.release();
      }
      out.flush();
    } catch (IOException e) {
      // reading tells
    }
  }

  /** What the frames of the answer say. */
  private final class Frames extends Http2FrameAdapter {
    private final List<Header> headers = new ArrayList<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable Integer status;
    private boolean ended;

    @Override
    public void onSettingsRead(ChannelHandlerContext at, Http2Settings settings) {
      var _ = writer.writeSettingsAck(context, context.newPromise());
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext at, int stream, Http2Headers answer, int padding, boolean end) {
      head(answer, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext at,
        int stream,
        Http2Headers answer,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      head(answer, end);
    }

    private void head(Http2Headers answer, boolean end) {
      CharSequence said = answer.status();
      if (said != null && status == null && said.charAt(0) != '1') {
        status = Integer.parseInt(said.toString());
        answer.forEach(
            each -> headers.add(new Header(each.getKey().toString(), each.getValue().toString())));
      }
      ended |= end;
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext at, int stream, ByteBuf data, int padding, boolean end) {
      byte[] bytes = new byte[data.readableBytes()];
      data.getBytes(data.readerIndex(), bytes);
      body.writeBytes(bytes);
      ended |= end;
      return bytes.length + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext at, int stream, long error) {
      ended = true;
    }

    Outcome outcome() {
      return status == null ? Outcome.CLOSED : Answers.of(status, headers, body.toByteArray());
    }
  }
}
