package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.http1.BodyReader.Output;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Chunks, cut by TCP where it likes. */
class ChunkSplitTest {
  /** A body, spelt in chunks: its data, and its bytes on the wire. */
  record Body(String data, String wire) {}

  record Chunk(String data, String zeros, String extension) {
    String wire() {
      return zeros + Integer.toHexString(data.length()) + extension + "\r\n" + data + "\r\n";
    }
  }

  @Provide
  Arbitrary<Body> bodies() {
    Arbitrary<String> data =
        Arbitraries.strings().withChars("0a;\r\n").ofMinLength(1).ofMaxLength(40);
    Arbitrary<Chunk> chunk =
        Combinators.combine(
                data, Arbitraries.of("", "0", "00000"), Arbitraries.of("", ";a", ";a=\"b c\"", ";"))
            .as(Chunk::new);
    Arbitrary<String> trailers = Arbitraries.of("", "x: y\r\n", "host: b\r\nx-a: \r\n");
    return Combinators.combine(chunk.list().ofMaxSize(6), trailers)
        .as(
            (chunks, last) ->
                new Body(
                    String.join("", chunks.stream().map(Chunk::data).toList()),
                    String.join("", chunks.stream().map(Chunk::wire).toList())
                        + "0\r\n"
                        + last
                        + "\r\n"));
  }

  @Property(tries = 1_000)
  void dataIsDataHoweverItIsCut(
      @ForAll("bodies") Body body,
      @ForAll List<@net.jqwik.api.constraints.IntRange(min = 1, max = 9) Integer> cuts) {
    String next = "GET / HTTP/1.1\r\n";
    StringBuilder data = new StringBuilder();
    assertThat(read(Output.DATA, body.wire() + next, cuts, data)).isEqualTo(next);
    assertThat(data.toString()).isEqualTo(body.data());

    // what goes on in chunks is read again as the same data, and without extensions
    StringBuilder framed = new StringBuilder();
    assertThat(read(Output.FRAMED, body.wire() + next, cuts, framed)).isEqualTo(next);
    StringBuilder again = new StringBuilder();
    assertThat(read(Output.DATA, framed.toString(), List.of(), again)).isEmpty();
    assertThat(again.toString()).isEqualTo(body.data());
    assertThat(framed.toString()).doesNotContain("a=\"b c\"").doesNotContain("host: b");
  }

  @Property(tries = 1_000)
  void noiseNeverMakesItThrow(
      @ForAll("noise") String wire,
      @ForAll List<@net.jqwik.api.constraints.IntRange(min = 1, max = 9) Integer> cuts) {
    StringBuilder whole = new StringBuilder();
    read(Output.DATA, wire, List.of(), whole);
    StringBuilder cut = new StringBuilder();
    read(Output.DATA, wire, cuts, cut);
    assertThat(cut.toString()).startsWith(whole.toString());
  }

  @Provide
  Arbitrary<String> noise() {
    return Arbitraries.strings().withChars("01fF;=\"\r\n \t\0\u00ffx:").ofMaxLength(60);
  }

  /** What is left behind the body; the pieces that came out are appended to {@code out}. */
  private static String read(Output output, String wire, List<Integer> cuts, StringBuilder out) {
    BodyReader reader = new BodyReader(HttpLimits.DEFAULT, output);
    reader.begin(BodyFraming.CHUNKED);
    ByteBuf in = Unpooled.buffer();
    try {
      for (String piece : pieces(wire, cuts)) {
        in.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
        ParseStatus status =
            reader.read(
                in,
                bytes -> {
                  out.append(bytes.toString(StandardCharsets.ISO_8859_1));
                  bytes.release();
                });
        if (status == ParseStatus.VIOLATION) {
          return "";
        }
      }
      return in.toString(StandardCharsets.ISO_8859_1);
    } finally {
      in.release();
    }
  }

  private static List<String> pieces(String wire, List<Integer> cuts) {
    List<String> pieces = new ArrayList<>();
    int at = 0;
    for (int cut : cuts) {
      int end = Math.min(wire.length(), at + cut);
      pieces.add(wire.substring(at, end));
      at = end;
    }
    pieces.add(wire.substring(at));
    return pieces;
  }
}
