package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.selvage.proxy.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an application answers, the first byte choosing what it was asked: the same answer however
 * TCP cuts it; what we write of it is read again as it was, by us and by Netty's codec, and ends
 * where it ended.
 */
public final class ResponsesTarget implements FuzzTarget {
  private static final List<Exchange> EXCHANGES =
      List.of(
          Exchange.PLAIN,
          new Exchange(true, false, false),
          new Exchange(false, true, false),
          new Exchange(false, false, true));
  private static final HttpLimits LIMITS = HttpLimits.DEFAULT;

  @Override
  public String name() {
    return "http1-responses";
  }

  @Override
  public List<byte[]> seeds() {
    List<String> answers =
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Transfer-Encoding: chunked",
                "A: b",
                "",
                "5;x=y",
                "hello",
                "0",
                "T: u",
                "",
                ""),
            "HTTP/1.0 200\r\n\r\nuntil the end",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n",
            String.join(
                "\r\n",
                "HTTP/1.1 101 Switching Protocols",
                "Connection: upgrade",
                "Upgrade: websocket",
                "",
                "xyz"),
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
            "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX : y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n");
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < EXCHANGES.size(); i++) {
      for (String answer : answers) {
        seeds.add(FuzzTarget.bytes((char) i + answer));
      }
    }
    return seeds;
  }

  @Override
  public List<String> words() {
    return new RequestsTarget().words();
  }

  /** What was read: each head's text, the data, and how it ended. */
  private record Reading(List<String> heads, String data, String end, String forwarded) {}

  @Override
  public void run(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Exchange exchange = EXCHANGES.get((input[0] & 0xff) % EXCHANGES.size());
    byte[] wire = Arrays.copyOfRange(input, 1, input.length);
    Reading whole = read(List.of(wire), exchange);
    List<byte[]> single = new ArrayList<>();
    for (byte b : wire) {
      single.add(new byte[] {b});
    }
    Reading cut = read(single, exchange);
    assertThat(cut.heads()).isEqualTo(whole.heads());
    assertThat(cut.end()).isEqualTo(whole.end());
    if (whole.end().equals("complete") || whole.end().equals("more")) {
      assertThat(cut).isEqualTo(whole);
    }
    if (whole.end().equals("complete")) {
      byte[] forwarded = FuzzTarget.bytes(whole.forwarded());
      Reading again = read(List.of(forwarded), exchange);
      assertThat(again.data()).isEqualTo(whole.data());
      assertThat(again.end()).isEqualTo("complete");
      assertThat(again.forwarded()).isEqualTo(whole.forwarded());
      if (exchange.equals(Exchange.PLAIN)) {
        assertThat(netty(forwarded)).isEqualTo(whole.data());
      }
    }
  }

  private static Reading read(List<byte[]> pieces, Exchange exchange) {
    UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
    Connection connection = new Connection(exchange, heap);
    ByteBuf in = heap.heapBuffer();
    String end = "more";
    for (byte[] piece : pieces) {
      in.writeBytes(piece);
      end = connection.drain(in);
    }
    in.release();
    String forwarded = connection.out.toString(StandardCharsets.ISO_8859_1);
    connection.out.release();
    assertThat(heap.metric().usedHeapMemory()).isZero();
    return new Reading(connection.heads, connection.data(), end, forwarded);
  }

  /** Reads one exchange's answer as the proxy does, and writes it for a client of HTTP/1.1. */
  private static final class Connection {
    private final Exchange exchange;
    private final ResponseHeadParser parser = new ResponseHeadParser(LIMITS);
    private final BodyReader framed = new BodyReader(LIMITS, BodyReader.Output.FRAMED);
    private final ByteBuf out;
    private final List<String> heads = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private boolean inBody;
    private String end = "more";

    Connection(Exchange exchange, UnpooledByteBufAllocator heap) {
      this.exchange = exchange;
      this.out = heap.heapBuffer();
      parser.next(exchange);
    }

    String drain(ByteBuf in) {
      while (end.equals("more")) {
        ParseStatus status = inBody ? framed.read(in, this::take) : parser.parse(in);
        if (status == ParseStatus.NEED_MORE) {
          break;
        }
        if (status == ParseStatus.VIOLATION) {
          end = String.valueOf(inBody ? framed.violation() : parser.violation());
        } else if (inBody) {
          end = "complete";
        } else {
          head();
        }
      }
      return end;
    }

    private void head() {
      ByteBuf text = out.alloc().heapBuffer();
      HeadWriter.writeResponse(parser.head(), text);
      heads.add(text.toString(StandardCharsets.ISO_8859_1));
      if (parser.isInformational()) {
        parser.next(exchange);
      } else {
        out.writeBytes(text);
        inBody = true;
        framed.begin(parser.framing());
      }
      text.release();
    }

    private void take(ByteBuf piece) {
      body.append(piece.toString(StandardCharsets.ISO_8859_1));
      out.writeBytes(piece);
      piece.release();
    }

    /** The data without chunks. */
    String data() {
      if (!(parser.framing() instanceof BodyFraming.Chunked)) {
        return body.toString();
      }
      StringBuilder data = new StringBuilder();
      BodyReader plain = new BodyReader(LIMITS, BodyReader.Output.DATA);
      plain.begin(BodyFraming.CHUNKED);
      ByteBuf in = out.alloc().heapBuffer().writeBytes(FuzzTarget.bytes(body.toString()));
      plain.read(
          in,
          piece -> {
            data.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
          });
      in.release();
      return data.toString();
    }
  }

  /** The data of the one answer, as Netty's codec reads it, and a complaint if there is more. */
  private static String netty(byte[] wire) {
    EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseDecoder());
    StringBuilder data = new StringBuilder();
    int answers = 0;
    boolean ended = false;
    try {
      channel.writeInbound(channel.alloc().heapBuffer().writeBytes(wire));
      while (channel.readInbound() instanceof HttpObject part) {
        answers += part instanceof HttpResponse ? 1 : 0;
        ended |= part instanceof LastHttpContent;
        if (!part.decoderResult().isSuccess()) {
          data.append(part.decoderResult());
        }
        if (part instanceof HttpContent content) {
          data.append(content.content().toString(StandardCharsets.ISO_8859_1));
        }
        ReferenceCountUtil.release(part);
      }
    } finally {
      channel.finishAndReleaseAll();
    }
    return answers == 1 && ended ? data.toString() : answers + " answers, ended: " + ended;
  }
}
