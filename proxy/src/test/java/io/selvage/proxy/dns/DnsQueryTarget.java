package io.selvage.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.selvage.proxy.fuzz.FuzzTarget;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a workload asks the mesh's DNS, over UDP (first byte even) or TCP: one answer of the same id
 * to a query, none to anything else; no datagram ends the socket that all share.
 */
public final class DnsQueryTarget implements FuzzTarget {
  private static final InetSocketAddress HERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
  private static final Inet4Address ADDRESS = (Inet4Address) InetAddress.ofLiteral("10.1.2.3");
  private static final NameTable NAMES =
      NameTable.builder()
          .service("httpbin", "sample", List.of(ADDRESS))
          .host("*.example.com", List.of(ADDRESS))
          .build();

  /** Most bytes that one question may come to: header, itself twice, and an address each. */
  private static final int MOST = 12 + 2 * (255 + 4) + 10 + 4;

  @Override
  public String name() {
    return "dns-query";
  }

  @Override
  public List<byte[]> seeds() {
    String asks = "\7httpbin\6sample\3svc\7cluster\5local\0";
    List<byte[]> seeds = new ArrayList<>();
    for (String query :
        List.of(
            "\1\2\1\0\0\1\0\0\0\0\0\0" + asks + "\0\1\0\1",
            "\1\2\1\0\0\1\0\0\0\0\0\0" + asks + "\0\34\0\1",
            "\1\2\1\0\0\1\0\0\0\0\0\0" + asks + "\0\u00ff\0\u00ff",
            "\1\2\1\0\0\2\0\0\0\0\0\0" + asks + "\0\1\0\1\u00c0\14\0\1\0\1",
            "\1\2\1\0\0\1\0\0\0\0\0\0\1a\7example\3com\0\0\1\0\1",
            "\1\2\1\0\0\1\0\0\0\0\0\0\u00c0\14\0\1\0\1",
            "\1\2\1\0\0\1\0\0\0\0\0\1\0\0\1\0\1\0\0\51\20\0\0\0\0\0\0\0",
            "\1\2\u0081\u0080\0\1\0\0\0\0\0\0" + asks + "\0\1\0\1",
            "\1\2\50\0\0\1\0\0\0\0\0\0" + asks + "\0\1\0\1")) {
      seeds.add(FuzzTarget.bytes("\0" + query));
      seeds.add(FuzzTarget.bytes("\1\0" + (char) query.length() + query));
    }
    return seeds;
  }

  @Override
  public List<String> words() {
    return List.of("\u00c0\14", "\77", "\0\1\0\1", "\0\51", "\4xn--", "\1*", "\1.", "\u00c3\u00a9");
  }

  @Override
  public void run(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean udp = input[0] % 2 == 0;
    byte[] wire = Arrays.copyOfRange(input, 1, input.length);
    UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
    EmbeddedChannel channel =
        udp
            ? new EmbeddedChannel(
                new DatagramDnsQueryDecoder(),
                new DatagramDnsResponseEncoder(),
                new MeshDnsServer.UdpResponder(() -> NAMES))
            : new EmbeddedChannel(
                new TcpDnsQueryDecoder(),
                new TcpDnsResponseEncoder(),
                new MeshDnsServer.TcpResponder(() -> NAMES));
    channel.config().setAllocator(heap);
    ByteBuf in = heap.heapBuffer(Math.max(1, wire.length)).writeBytes(wire);
    try {
      channel.writeInbound(udp ? new DatagramPacket(in, HERE, HERE) : in);
      channel.checkException();
      int answers = 0;
      for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
        answers++;
        ByteBuf bytes = out instanceof DatagramPacket packet ? packet.content() : (ByteBuf) out;
        if (udp) {
          assertThat(bytes.getShort(bytes.readerIndex())).isEqualTo(first(wire));
          assertThat(bytes.readableBytes()).isLessThanOrEqualTo(MOST);
        }
        bytes.release();
      }
      assertThat(answers).isLessThanOrEqualTo(udp ? 1 : wire.length / 14);
      if (udp) {
        assertThat(channel.isOpen()).isTrue();
      }
    } finally {
      channel.finishAndReleaseAll();
    }
    assertThat(heap.metric().usedHeapMemory()).isZero();
    assertThat(heap.metric().usedDirectMemory()).isZero();
  }

  private static short first(byte[] wire) {
    return (short) ((wire[0] & 0xff) << 8 | (wire[1] & 0xff));
  }
}
