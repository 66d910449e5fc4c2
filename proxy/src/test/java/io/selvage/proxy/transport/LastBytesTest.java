package io.selvage.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of what is written when a connection closes. */
@Timeout(60)
class LastBytesTest {
  /** More than the kernel takes for somebody who doesn't read. */
  private static final int MANY = 64 * 1024 * 1024;

  private ServerSocket server;

  @BeforeEach
  void listen() throws Exception {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private Channel connect(EventLoops loops) {
    return new Bootstrap()
        .group(loops.group())
        .channelFactory(Sockets.plain(loops.transport())::connecting)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(server.getLocalSocketAddress())
        .syncUninterruptibly()
        .channel();
  }

  private static void writeAndClose(Channel channel, Duration patience) {
    channel
        .eventLoop()
        .submit(
            () -> {
              var _ = channel.write(Unpooled.wrappedBuffer(new byte[MANY]));
              LastBytes.close(channel, patience.toNanos());
            })
        .syncUninterruptibly();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whoTakesNothingIsNotWaitedFor(Transport transport) throws Exception {
    try (EventLoops loops = new EventLoops(transport, 1)) {
      Channel channel = connect(loops);
      try (Socket silent = server.accept()) {
        writeAndClose(channel, Duration.ofMillis(100));
        channel.closeFuture().await();
        assertThat(silent.isClosed()).isFalse();
      }
    }
  }

  @Test
  void whoReadsGetsEverything() throws Exception {
    try (EventLoops loops = new EventLoops(Transport.EPOLL, 1)) {
      Channel channel = connect(loops);
      try (Socket reader = server.accept()) {
        writeAndClose(channel, Duration.ofSeconds(30));
        InputStream in = reader.getInputStream();
        long all = 0;
        byte[] piece = new byte[1 << 20];
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
          all += n;
        }
        assertThat(all).isEqualTo(MANY);
      }
    }
  }
}
