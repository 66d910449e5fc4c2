package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.selvage.proxy.H2Client;
import io.selvage.proxy.fuzz.FuzzTarget;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.proxy.http1.ResponseHeadParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Frames of an HTTP/2 client, or of an application: the same events however TCP cuts them; a head
 * is one message spelt out or malformed; never an internal error, and no buffer is left.
 */
public final class Http2Target implements FuzzTarget {
  private static final int MAX_STREAMS = 100;
  private static final int MAX_HEAD = 60 * 1024;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final boolean server;

  /** Frames that a server gets, or a client. */
  public Http2Target(boolean server) {
    this.server = server;
  }

  @Override
  public String name() {
    return server ? "http2-requests" : "http2-responses";
  }

  private static String frame(int type, int flags, int stream, byte[] payload) {
    return FuzzTarget.text(H2Client.bytesOf(type, flags, stream, payload));
  }

  private static String head(int flags, int stream, String... fields) {
    return frame(H2Client.HEADERS, flags | H2Client.END_HEADERS, stream, H2Client.block(fields));
  }

  /** A connection with one request for a path. */
  public static byte[] get(String path) {
    return FuzzTarget.bytes(
        PREFACE
            + frame(H2Client.SETTINGS, 0, 0, new byte[0])
            + head(
                H2Client.END_STREAM,
                1,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                path,
                ":authority",
                "a"));
  }

  @Override
  public List<byte[]> seeds() {
    String settings = frame(H2Client.SETTINGS, 0, 0, new byte[0]);
    String ack = frame(H2Client.SETTINGS, 1, 0, new byte[0]);
    String data = frame(H2Client.DATA, H2Client.END_STREAM, 1, FuzzTarget.bytes("hello"));
    List<String> talks = new ArrayList<>();
    if (server) {
      String[] get = {":method", "GET", ":scheme", "http", ":path", "/a?b", ":authority", "a"};
      String[] post = {
        ":method",
        "POST",
        ":scheme",
        "http",
        ":path",
        "/",
        ":authority",
        "a",
        "content-length",
        "5",
        "cookie",
        "a=b",
        "cookie",
        "c=d"
      };
      talks.add(head(H2Client.END_STREAM, 1, get) + head(H2Client.END_STREAM, 3, get));
      talks.add(head(0, 1, post) + data);
      talks.add(
          head(0, 1, post)
              + frame(H2Client.DATA, 8, 1, FuzzTarget.bytes("\3he\0\0\0"))
              + head(H2Client.END_STREAM, 1, "x-trailer", "y"));
      talks.add(head(0, 1, post) + frame(H2Client.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8}));
      byte[] block = H2Client.block(get);
      talks.add(
          frame(H2Client.HEADERS, 1, 1, Arrays.copyOf(block, 20))
              + frame(H2Client.CONTINUATION, 4, 1, Arrays.copyOfRange(block, 20, block.length)));
      talks.add(head(H2Client.END_STREAM, 1, ":method", "GET", ":path", "/ HTTP/1.1\r\nx: y"));
      talks.add(frame(H2Client.PING, 0, 0, new byte[8]));
      talks.add(frame(H2Client.WINDOW_UPDATE, 0, 0, new byte[] {127, -1, -1, -1}));
      talks.add(frame(H2Client.SETTINGS, 0, 0, new byte[] {0, 4, 127, -1, -1, -1}));
      talks.add(frame(H2Client.GOAWAY, 0, 0, new byte[8]));
    } else {
      talks.add(head(0, 1, ":status", "200", "content-length", "5") + data);
      talks.add(head(0, 1, ":status", "100") + head(H2Client.END_STREAM, 1, ":status", "204"));
      talks.add(
          head(0, 1, ":status", "200") + data + head(H2Client.END_STREAM, 3, ":status", "99"));
      talks.add(head(0, 1, ":status", "200") + head(H2Client.END_STREAM, 1, "grpc-status", "0"));
      talks.add(frame(H2Client.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 7}));
      talks.add(frame(H2Client.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}));
      talks.add(frame(5, 4, 1, FuzzTarget.bytes("\0\0\0\2")));
    }
    return talks.stream()
        .map(talk -> FuzzTarget.bytes((server ? PREFACE : "") + settings + ack + talk))
        .toList();
  }

  @Override
  public List<String> words() {
    List<String> words = new ArrayList<>();
    for (int type = 0; type < 11; type++) {
      words.add(frame(type, 0, 1, new byte[0]));
      words.add(frame(type, 5, 3, new byte[4]));
    }
    words.addAll(List.of("\r\n", "\0", ":path", ":authority", "host", "transfer-encoding", "\40"));
    words.addAll(List.of("\u0082\u0086\u0084", "\u0088", "\77\u00e1\u001f", PREFACE));
    return words;
  }

  @Override
  public void run(byte[] input) {
    List<String> whole = events(input, input.length);
    int piece = 1 + (input.length == 0 ? 0 : (input[input.length - 1] & 0xff) % 50);
    assertThat(events(input, piece)).isEqualTo(whole);
  }

  /** What happens when the input comes in pieces of this size. */
  private List<String> events(byte[] input, int piece) {
    UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
    Heads heads = new Heads(heap);
    Http2ConnectionHandler codec =
        server ? Http2Codecs.server(heads, MAX_STREAMS, MAX_HEAD) : Http2Codecs.client(heads);
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(heap);
    channel.pipeline().addLast(codec);
    Http2Codecs.openWindow(codec);
    try {
      if (!server) {
        ask(codec, channel.pipeline().context(codec));
      }
      for (int at = 0; at < input.length && channel.isOpen(); at += Math.max(1, piece)) {
        int length = Math.min(Math.max(1, piece), input.length - at);
        channel.writeInbound(heap.heapBuffer(length).writeBytes(input, at, length));
      }
      channel.checkException();
      heads.events.addAll(errors(channel));
      heads.events.add(channel.isOpen() ? "open" : "closed");
    } finally {
      channel.finishAndReleaseAll();
    }
    assertThat(heap.metric().usedHeapMemory()).as("heap buffers that are left").isZero();
    assertThat(heap.metric().usedDirectMemory()).as("direct buffers that are left").isZero();
    return heads.events;
  }

  /** Three requests of ours, which the frames may answer. */
  private static void ask(Http2ConnectionHandler codec, ChannelHandlerContext at) {
    for (int stream = 1; stream <= 5; stream += 2) {
      Http2Headers headers = new DefaultHttp2Headers();
      headers.method("GET").scheme("http").path("/").authority("a");
      var _ = codec.encoder().writeHeaders(at, stream, headers, 0, true, at.newPromise());
      codec.flush(at);
    }
  }

  /** The codes of the RST_STREAM and GOAWAY frames that were written; none is of our own making. */
  private List<String> errors(EmbeddedChannel channel) {
    List<String> errors = new ArrayList<>();
    ByteBuf all = channel.alloc().heapBuffer();
    for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      ByteBuf bytes = (ByteBuf) out;
      all.writeBytes(bytes);
      bytes.release();
    }
    if (!server && all.isReadable()) {
      all.skipBytes(PREFACE.length());
    }
    while (all.readableBytes() >= 9) {
      int length = all.readUnsignedMedium();
      int type = all.readUnsignedByte();
      all.skipBytes(1);
      int stream = all.readInt();
      if (type == H2Client.RST_STREAM || type == H2Client.GOAWAY) {
        int code = all.getInt(all.readerIndex() + (type == H2Client.GOAWAY ? 4 : 0));
        assertThat(code)
            .as("a frame of type %d that says INTERNAL_ERROR", type)
            .isNotEqualTo((int) Http2Error.INTERNAL_ERROR.code());
        errors.add((type == H2Client.GOAWAY ? "GOAWAY " : "RST " + stream + " ") + code);
      }
      all.skipBytes(length);
    }
    all.release();
    return errors;
  }

  /** Spells out each head, and checks that it is one message. */
  private final class Heads extends Http2FrameAdapter {
    private final UnpooledByteBufAllocator heap;
    private final Set<Integer> begun = new HashSet<>();
    private final List<String> events = new ArrayList<>();

    Heads(UnpooledByteBufAllocator heap) {
      this.heap = heap;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean end) {
      boolean trailers = server ? !begun.add(id) : begun.contains(id);
      try {
        String head =
            trailers ? trailers(headers) : server ? request(headers) : response(id, headers);
        events.add("head " + id + " " + head + end);
      } catch (Http2Heads.Malformed e) {
        events.add("malformed " + id + " " + e.getMessage());
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      onHeadersRead(context, id, headers, padding, end);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      events.add("data " + id + " " + data.readableBytes() + end);
      return data.readableBytes() + padding;
    }

    private String trailers(Http2Headers headers) throws Http2Heads.Malformed {
      HeadBuffer head = Http2Heads.trailers(headers);
      return "trailers " + head.fieldCount();
    }

    private String request(Http2Headers headers) throws Http2Heads.Malformed {
      ByteBuf text = Http2Heads.requestText(headers, heap);
      try {
        RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
        ParseStatus status = parser.parse(text);
        assertThat(status).isNotEqualTo(ParseStatus.NEED_MORE);
        if (status == ParseStatus.VIOLATION) {
          return "refused " + parser.violation();
        }
        assertThat(text.isReadable()).as("a second message behind the head").isFalse();
        assertThat(parser.head().method()).hasToString(String.valueOf(headers.method()));
        return parser.head().method() + " " + parser.head().path() + parser.head().authority();
      } finally {
        text.release();
      }
    }

    private String response(int id, Http2Headers headers) throws Http2Heads.Malformed {
      ByteBuf text = Http2Heads.responseText(headers, heap);
      try {
        ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);
        parser.next(Exchange.PLAIN);
        ParseStatus status = parser.parse(text);
        assertThat(status).isNotEqualTo(ParseStatus.NEED_MORE);
        if (status == ParseStatus.VIOLATION) {
          return "refused " + parser.violation();
        }
        assertThat(text.isReadable()).as("a second message behind the head").isFalse();
        if (!parser.isInformational()) {
          begun.add(id);
        }
        return String.valueOf(parser.head().status());
      } finally {
        text.release();
      }
    }
  }
}
