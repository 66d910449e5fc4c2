package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What a hello says is found in whatever records it comes, and noise is never taken for one. */
class FirstBytesFuzzTest {
  /** A hello of the JDK's, one character a byte. */
  record Hello(String name, List<String> alpn, String wire) {
    byte[] bytes() {
      return wire.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  @Provide
  Arbitrary<Hello> hellos() {
    return Combinators.combine(
            Arbitraries.of(
                "httpbin.sample", "outbound-8000.httpbin.sample.svc.cluster.local", "A.B"),
            Arbitraries.of("istio", "istio-peer-exchange", "h2", "http/1.1")
                .list()
                .uniqueElements())
        .as(FirstBytesFuzzTest::hello);
  }

  private static Hello hello(String name, List<String> alpn) {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      parameters.setApplicationProtocols(alpn.toArray(String[]::new));
      engine.setSSLParameters(parameters);
      ByteBuffer out = ByteBuffer.allocate(32 * 1024);
      engine.wrap(ByteBuffer.allocate(0), out);
      byte[] wire = new byte[out.flip().remaining()];
      out.get(wire);
      return new Hello(name, alpn, new String(wire, StandardCharsets.ISO_8859_1));
    } catch (SSLException | java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Property(tries = 200)
  void aHelloIsReadFromAnyRecords(
      @ForAll("hellos") Hello hello, @ForAll @IntRange(min = 1, max = 600) int recordSize) {
    byte[] wire = records(hello.bytes(), recordSize);
    ByteBuf in = Unpooled.wrappedBuffer(wire);
    assertThat(FirstBytes.of(in))
        .isInstanceOfSatisfying(
            FirstBytes.Tls.class,
            found -> {
              assertThat(found.hello().serverName())
                  .contains(hello.name().toLowerCase(Locale.ROOT));
              assertThat(found.hello().alpn()).isEqualTo(hello.alpn());
            });
    for (int end = 0; end < wire.length; end += 1 + end / 8) {
      assertThat(FirstBytes.of(in.slice(0, end))).isEqualTo(FirstBytes.MORE);
    }
  }

  /** The same handshake message in records of this size. */
  private static byte[] records(byte[] wire, int size) {
    ByteBuf out = Unpooled.buffer();
    for (int at = 5; at < wire.length; at += size) {
      int length = Math.min(size, wire.length - at);
      out.writeByte(22).writeShort(0x0301).writeShort(length).writeBytes(wire, at, length);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  @Property(tries = 2_000)
  void aDamagedHelloNeverMakesItThrow(
      @ForAll("hellos") Hello hello,
      @ForAll List<@IntRange(min = 0, max = 400) Integer> places,
      @ForAll byte damage) {
    byte[] wire = hello.bytes();
    new ArrayList<>(places).forEach(at -> wire[at % wire.length] = damage);
    ByteBuf in = Unpooled.wrappedBuffer(wire);
    FirstBytes found = FirstBytes.of(in);
    assertThat(in.readerIndex()).isZero();
    assertThat(found).isNotNull();
  }

  @Property(tries = 2_000)
  void noiseIsNoTls(@ForAll byte[] noise) {
    FirstBytes found = FirstBytes.of(Unpooled.wrappedBuffer(noise));
    boolean handshake = noise.length > 0 && noise[0] == 22;
    assertThat(found instanceof FirstBytes.Tls).as("%s", found).isFalse();
    if (!handshake) {
      assertThat(found).isNotInstanceOf(FirstBytes.Malformed.class);
    }
  }
}
