package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.selvage.proxy.http1.WireReader.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Requests as Netty's codec reads them, beside our own reading. */
final class NettyReading {
  private static final HttpLimits LIMITS = HttpLimits.DEFAULT.withHttp10(true);

  private NettyReading() {}

  /** Netty reads what we accept as we do; how many messages that is. */
  static int agrees(byte[] bytes) {
    WireReader ours = new WireReader(LIMITS, BodyReader.Output.DATA);
    ours.read(List.of(bytes));
    List<Message> accepted = ours.messages();
    if (!accepted.isEmpty()) {
      List<String> theirs = read(bytes, accepted.size());
      // A chunk extension that Netty refuses is no other reading: ours cuts all of them out, and
      // what is forwarded is compared strictly.
      int compared =
          theirs.getLast().contains("InvalidChunkExtensionException")
              ? theirs.size() - 1
              : accepted.size();
      assertThat(theirs.subList(0, Math.min(compared, theirs.size())))
          .isEqualTo(comparable(accepted).subList(0, compared));
    }
    return accepted.size();
  }

  /** The bytes in one piece and one by one are the same messages, or the same violation. */
  static void cutsMakeNoDifference(byte[] bytes) {
    WireReader whole = new WireReader(LIMITS, BodyReader.Output.FRAMED);
    String rest = whole.read(List.of(bytes));
    WireReader single = new WireReader(LIMITS, BodyReader.Output.FRAMED);
    List<byte[]> pieces = new ArrayList<>();
    for (byte b : bytes) {
      pieces.add(new byte[] {b});
    }
    String restOfSingle = single.read(pieces);
    assertThat(single.messages()).isEqualTo(whole.messages());
    assertThat(single.violation()).isEqualTo(whole.violation());
    if (whole.violation() == null) {
      assertThat(restOfSingle).isEqualTo(rest);
    }
  }

  /** What we would forward of the bytes is what was accepted, to Netty and to ourselves. */
  static void agreesOnWhatIsForwarded(byte[] bytes) throws Exception {
    List<Message> before = new ArrayList<>();
    byte[] forwarded = Forwarding.forward(bytes, LIMITS, before);
    if (!before.isEmpty()) {
      WireReader again = new WireReader(LIMITS, BodyReader.Output.DATA);
      again.read(List.of(forwarded));
      assertThat(again.violation()).isNull();
      assertThat(again.messages()).hasSameSizeAs(before);
      assertThat(read(forwarded, before.size())).isEqualTo(comparable(again.messages()));
      for (int i = 0; i < before.size(); i++) {
        assertThat(again.messages().get(i).body()).isEqualTo(before.get(i).body());
        assertThat(again.messages().get(i).path()).isEqualTo(before.get(i).path());
      }
    }
  }

  private static List<String> comparable(List<Message> messages) {
    return messages.stream()
        .map(m -> m.method() + " " + m.target() + " " + m.fields() + "|" + m.body())
        .toList();
  }

  private static List<String> read(byte[] bytes, int wanted) {
    HttpDecoderConfig config =
        new HttpDecoderConfig().setMaxHeaderSize(65_536).setMaxInitialLineLength(65_536);
    EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(config));
    List<String> messages = new ArrayList<>();
    StringBuilder message = new StringBuilder();
    try {
      channel.writeInbound(Unpooled.copiedBuffer(bytes));
      while (messages.size() < wanted && channel.readInbound() instanceof HttpObject part) {
        append(message, part);
        if (part instanceof LastHttpContent) {
          messages.add(message.toString());
          message.setLength(0);
        }
        ReferenceCountUtil.release(part);
      }
    } finally {
      channel.finishAndReleaseAll();
    }
    if (messages.size() < wanted && !message.isEmpty()) {
      messages.add(message.toString());
    }
    return messages;
  }

  private static void append(StringBuilder message, HttpObject part) {
    if (!part.decoderResult().isSuccess()) {
      message.append(part.decoderResult());
    }
    if (part instanceof HttpRequest request) {
      message.append(text(request));
    }
    if (part instanceof HttpContent content) {
      message.append(content.content().toString(StandardCharsets.ISO_8859_1));
    }
  }

  private static String text(HttpRequest request) {
    StringBuilder fields = new StringBuilder();
    request
        .headers()
        .forEach(
            field -> {
              String name = field.getKey().toLowerCase(Locale.ROOT);
              if (!name.equals("host") && !name.equals("content-length")) {
                fields.append(name).append('=').append(field.getValue()).append(' ');
              }
            });
    return request.method() + " " + request.uri() + " " + fields + "|";
  }

  /** What the proxy would send to its upstream for the requests that it accepts. */
  private static final class Forwarding {
    static byte[] forward(byte[] bytes, HttpLimits limits, List<Message> accepted)
        throws Exception {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      ByteBuf in = Unpooled.copiedBuffer(bytes);
      RequestHeadParser parser = new RequestHeadParser(limits);
      BodyReader body = new BodyReader(limits, BodyReader.Output.FRAMED);
      WireReader plain = new WireReader(limits, BodyReader.Output.DATA);
      plain.read(List.of(bytes));
      accepted.addAll(plain.messages());
      for (int i = 0; i < accepted.size(); i++) {
        parser.parse(in);
        ByteBuf out = Unpooled.buffer();
        HopByHop.strip(parser.head(), false);
        HeadWriter.writeRequest(parser.head(), out);
        body.begin(parser.framing());
        body.read(
            in,
            piece -> {
              out.writeBytes(piece);
              piece.release();
            });
        out.readBytes(all, out.readableBytes());
        parser.next();
      }
      return all.toByteArray();
    }
  }
}
