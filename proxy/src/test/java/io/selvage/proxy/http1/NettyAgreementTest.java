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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import tools.jackson.databind.JsonNode;

/**
 * Whatever our codec accepts, Netty's reads the same way: method, target, headers, body, and where
 * the next message begins. Ours may refuse more; it may never understand something else.
 */
class NettyAgreementTest {
  private static final HttpLimits LIMITS = HttpLimits.DEFAULT.withHttp10(true);
  private static final List<String> FRAGMENTS =
      List.of(
          "\r\n",
          "\r",
          "\n",
          "\0",
          " ",
          "\t",
          ":",
          ",",
          ";",
          "\"",
          "0",
          "1",
          "a",
          "-",
          "+",
          "x",
          "\u000b",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u00ff",
          "\r\n ",
          "\r\n\r\n",
          "chunked",
          "Transfer-Encoding: chunked\r\n",
          "Content-Length: 1\r\n",
          "Content-Length: 0\r\n",
          "Host: a.example\r\n",
          "Connection: close\r\n",
          "0\r\n\r\n",
          "1\r\nx\r\n",
          "HTTP/1.1",
          "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
          "Expect: 100-continue\r\n",
          "Upgrade: h2c\r\n");

  private final List<String> seeds = new ArrayList<>();
  private final List<String> good = new ArrayList<>();

  NettyAgreementTest() throws Exception {
    for (JsonNode attack : AttackTableTest.attacks().toList()) {
      String wire = attack.get("wire").asString();
      if (wire.length() < 400) {
        seeds.add(wire);
        if (attack.has("accepted") && !attack.has("rest")) {
          good.add(wire);
        }
      }
    }
  }

  /** A change to a text: at a place, take away some characters, put some in. */
  private record Mutation(double where, int removed, String inserted) {
    String apply(String text) {
      int at = (int) (where * text.length());
      int end = Math.min(text.length(), at + removed);
      return text.substring(0, at) + inserted + text.substring(end);
    }
  }

  @Provide
  Arbitrary<String> wires() {
    Arbitrary<String> seed = Arbitraries.of(seeds);
    Arbitrary<Mutation> mutation =
        Combinators.combine(
                Arbitraries.doubles().between(0, 1),
                Arbitraries.frequency(Tuple.of(6, 0), Tuple.of(3, 1), Tuple.of(1, 7)),
                Arbitraries.of(FRAGMENTS).injectDuplicates(0.1))
            .as(Mutation::new);
    return Combinators.combine(
            Arbitraries.of(good).list().ofMaxSize(2), seed, mutation.list().ofMaxSize(3))
        .as(NettyAgreementTest::mutate);
  }

  private static String mutate(List<String> good, String seed, List<Mutation> mutations) {
    String text = String.join("", good) + seed;
    for (Mutation mutation : mutations) {
      text = mutation.apply(text);
    }
    return text;
  }

  @Property(tries = 5_000)
  void nettyReadsWhatWeAccept(@ForAll("wires") String wire) {
    byte[] bytes = wire.getBytes(StandardCharsets.ISO_8859_1);
    WireReader ours = new WireReader(LIMITS, BodyReader.Output.DATA);
    ours.read(List.of(bytes));
    List<Message> accepted = ours.messages();
    Statistics.label("accepted")
        .collect(!accepted.isEmpty())
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 15));
    if (!accepted.isEmpty()) {
      List<String> theirs = read(bytes, accepted.size());
      // A chunk extension that Netty refuses is no other reading: ours cuts all of them out, and
      // the next property is strict on what is forwarded.
      int compared =
          theirs.getLast().contains("InvalidChunkExtensionException")
              ? theirs.size() - 1
              : accepted.size();
      assertThat(theirs.subList(0, Math.min(compared, theirs.size())))
          .isEqualTo(comparable(accepted).subList(0, compared));
    }
  }

  @Property(tries = 2_000)
  void theCutsOfTcpMakeNoDifference(@ForAll("wires") String wire) {
    byte[] bytes = wire.getBytes(StandardCharsets.ISO_8859_1);
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

  @Property(tries = 2_000)
  void nettyReadsWhatWeForwardTheSameWay(@ForAll("wires") String wire) throws Exception {
    byte[] bytes = wire.getBytes(StandardCharsets.ISO_8859_1);
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
