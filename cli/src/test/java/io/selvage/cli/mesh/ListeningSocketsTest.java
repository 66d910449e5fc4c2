package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ListeningSocketsTest {

  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout";

  @Test
  void aSocketOnEveryAddressTakesAnyCall() {
    var sockets = parse("   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000");

    assertThat(sockets.take(Optional.of("127.0.0.1"), 8000)).isTrue();
    assertThat(sockets.take(Optional.empty(), 8000)).isTrue();
    assertThat(sockets.take(Optional.empty(), 8001)).isFalse();
  }

  @Test
  void aSocketOnOneAddressTakesCallsToItAlone() {
    var sockets = parse("   0: 0A00B47F:1F40 00000000:0000 0A 00000000:00000000 00:00000000");

    assertThat(sockets.take(Optional.of("127.180.0.10"), 8000)).isTrue();
    assertThat(sockets.take(Optional.of("127.180.0.11"), 8000)).isFalse();
  }

  @Test
  void anIpv4AddressMappedIntoIpv6CountsAsItself() {
    var sockets =
        parse("   0: 0000000000000000FFFF00000A00B47F:1F40 0000:0000 0A 00000000:00000000 00:0");

    assertThat(sockets.take(Optional.of("127.180.0.10"), 8000)).isTrue();
    assertThat(sockets.take(Optional.of("127.180.0.11"), 8000)).isFalse();
  }

  @Test
  void anEstablishedConnectionIsNoListeningSocket() {
    var sockets = parse("   0: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000");

    assertThat(sockets.take(Optional.empty(), 8000)).isFalse();
  }

  @Test
  void thisProcessIsSeenToListen() throws IOException {
    try (var server = new ServerSocket()) {
      server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      int port = server.getLocalPort();

      assertThat(ListeningSockets.of(ProcessHandle.current()).take(Optional.of("127.0.0.1"), port))
          .isTrue();
    }
  }

  private static ListeningSockets parse(String line) {
    return ListeningSockets.parse(List.of(HEAD, line));
  }
}
