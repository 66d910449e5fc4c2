package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.selvage.proxy.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * The first bytes of a connection: what is seen in them is what {@link SlowHello} reads, and once
 * something is seen, no further byte changes it.
 */
public final class TlsHelloTarget implements FuzzTarget {
  private static final int MOST_CUTS = 12;

  @Override
  public String name() {
    return "tls-hello";
  }

  @Override
  public List<byte[]> seeds() {
    byte[] hello = hello("httpbin.sample", List.of("istio-peer-exchange", "istio"));
    byte[] plain = hello("", List.of());
    List<byte[]> seeds = new ArrayList<>(List.of(hello, plain, hello("A.B", List.of("h2"))));
    seeds.add(inTwoRecords(hello, 40));
    seeds.add(inTwoRecords(hello, 6));
    seeds.add(behindAHello(hello, 17_000));
    seeds.add(FuzzTarget.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"));
    seeds.add(FuzzTarget.bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    seeds.add(FuzzTarget.bytes("\26\3\1\0\4\1\0\0\0"));
    return seeds;
  }

  @Override
  public List<String> words() {
    return List.of("\26\3\1", "\0\20", "\0\0\0", "\1", "h2", "istio", "PRI * HTTP/2.0");
  }

  @Override
  public void run(byte[] input) {
    FirstBytes whole = look(input, input.length);
    assertThat(comparable(whole)).isEqualTo(SlowHello.read(input));
    for (int cut : cuts(input)) {
      FirstBytes part = look(input, cut);
      if (!(part instanceof FirstBytes.NeedMore)) {
        assertThat(comparable(part)).as("after %d bytes", cut).isEqualTo(comparable(whole));
      }
    }
  }

  private static FirstBytes look(byte[] input, int length) {
    UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
    ByteBuf in = heap.heapBuffer(Math.max(1, length)).writeBytes(input, 0, length);
    FirstBytes found = FirstBytes.of(in);
    assertThat(in.readerIndex()).isZero();
    in.release();
    assertThat(heap.metric().usedHeapMemory()).isZero();
    return found;
  }

  /** Some places that depend on nothing but the input. */
  private static Set<Integer> cuts(byte[] input) {
    Set<Integer> cuts = new TreeSet<>();
    for (int i = 0; i < Math.min(input.length, MOST_CUTS); i++) {
      cuts.add(i);
      cuts.add((int) ((long) i * input.length / MOST_CUTS));
    }
    return cuts;
  }

  private static SlowHello.Seen comparable(FirstBytes found) {
    return switch (found) {
      case FirstBytes.NeedMore _ -> SlowHello.Seen.MORE;
      case FirstBytes.Malformed _ -> SlowHello.Seen.MALFORMED;
      case FirstBytes.Plaintext plain ->
          plain.http2() ? SlowHello.Seen.HTTP2 : SlowHello.Seen.PLAINTEXT;
      case FirstBytes.Tls tls ->
          SlowHello.Seen.tls(tls.hello().serverName().orElse(""), tls.hello().alpn());
    };
  }

  private static byte[] hello(String name, List<String> alpn) {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      if (!name.isEmpty()) {
        parameters.setServerNames(List.of(new SNIHostName(name)));
      }
      parameters.setApplicationProtocols(alpn.toArray(String[]::new));
      engine.setSSLParameters(parameters);
      ByteBuffer out = ByteBuffer.allocate(32 * 1024);
      engine.wrap(ByteBuffer.allocate(0), out);
      byte[] wire = new byte[out.flip().remaining()];
      out.get(wire);
      return wire;
    } catch (SSLException | java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A hello whose record goes on for longer than any hello may. */
  private static byte[] behindAHello(byte[] wire, int length) {
    ByteBuffer out = ByteBuffer.allocate(5 + length);
    out.put(new byte[] {22, 3, 1}).putShort((short) length).put(wire, 5, wire.length - 5);
    return out.array();
  }

  private static byte[] inTwoRecords(byte[] wire, int first) {
    ByteBuffer out = ByteBuffer.allocate(wire.length + 5);
    out.put(new byte[] {22, 3, 1}).putShort((short) first).put(wire, 5, first);
    int rest = wire.length - 5 - first;
    out.put(new byte[] {22, 3, 3}).putShort((short) rest).put(wire, 5 + first, rest);
    return out.array();
  }
}
