package io.selvage.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshDnsServerTest {

  private static final int A = 1;
  private static final int AAAA = 28;
  private static final List<Byte> VIP = List.of((byte) 10, (byte) 180, (byte) 0, (byte) 10);
  private static final int NXDOMAIN = 3;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final AtomicReference<NameTable> table =
      new AtomicReference<>(
          NameTable.builder()
              .service("httpbin", "sample", List.of(InetAddress.ofLiteral("10.180.0.10")))
              .build());
  private MeshDnsServer server;

  /** The parts of an answer that the tests look at; the tail is its last four bytes. */
  private record Answer(int code, int answers, List<Byte> tail) {}

  @BeforeEach
  void start() throws IOException {
    server = listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  @AfterEach
  void stop() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private MeshDnsServer listen(InetSocketAddress at) throws IOException {
    return MeshDnsServer.start(
        loops, NioDatagramChannel::new, NioServerSocketChannel::new, at, table::get);
  }

  @Test
  void aKnownNameIsAnsweredOverUdp() throws IOException {
    var answer = udp(query("httpbin.sample", A));
    assertThat(answer.code()).isZero();
    assertThat(answer.answers()).isEqualTo(1);
    assertThat(answer.tail()).isEqualTo(VIP);
  }

  @Test
  void aKnownNameIsAnsweredOverTcp() throws IOException {
    var answer = tcp(query("httpbin.sample.svc.cluster.local", A));
    assertThat(answer.answers()).isEqualTo(1);
    assertThat(answer.tail()).isEqualTo(VIP);
  }

  @Test
  void aKnownNameHasNoIpv6AddressYetExists() throws IOException {
    var answer = udp(query("httpbin.sample", AAAA));
    assertThat(answer.code()).isZero();
    assertThat(answer.answers()).isZero();
  }

  @Test
  void anUnknownNameDoesNotExist() throws IOException {
    assertThat(udp(query("nowhere.sample", A)).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void aSwappedTableHoldsFromTheNextQuery() throws IOException {
    table.set(NameTable.EMPTY);
    assertThat(udp(query("httpbin.sample", A)).code()).isEqualTo(NXDOMAIN);
  }

  @Test
  void garbageDoesNotStopTheServer() throws IOException {
    send(new byte[] {1, 2, 3});
    assertThat(udp(query("httpbin.sample", A)).answers()).isEqualTo(1);
  }

  @Test
  void aTakenAddressIsReported() {
    assertThatThrownBy(() -> listen(server.address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("DNS cannot listen on");
  }

  private void send(byte[] datagram) throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(datagram, datagram.length, server.address()));
    }
  }

  private Answer udp(byte[] query) throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(5_000);
      socket.send(new DatagramPacket(query, query.length, server.address()));
      var packet = new DatagramPacket(new byte[512], 512);
      socket.receive(packet);
      return answer(Arrays.copyOf(packet.getData(), packet.getLength()));
    }
  }

  private Answer tcp(byte[] query) throws IOException {
    try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(5_000);
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeShort(query.length);
      out.write(query);
      var in = new DataInputStream(socket.getInputStream());
      return answer(in.readNBytes(in.readUnsignedShort()));
    }
  }

  private static Answer answer(byte[] message) {
    return new Answer(
        message[3] & 0xf,
        ByteBuffer.wrap(message).getShort(6),
        IntStream.range(message.length - 4, message.length).mapToObj(i -> message[i]).toList());
  }

  private static byte[] query(String name, int type) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    for (int field : new int[] {4711, 0x0100, 1, 0, 0, 0}) {
      out.writeShort(field);
    }
    for (String label : name.split("\\.", -1)) {
      out.writeByte(label.length());
      out.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeByte(0);
    out.writeShort(type);
    out.writeShort(1);
    return bytes.toByteArray();
  }
}
