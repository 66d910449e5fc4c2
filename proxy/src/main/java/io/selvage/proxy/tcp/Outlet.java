package io.selvage.proxy.tcp;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.selvage.proxy.transport.LastBytes;

/** The end of a stream in one direction, which TLS and TCP each say in their own way. */
final class Outlet {
  private Outlet() {}

  /** Whether an event says that the other end sends no more. */
  static boolean isEnd(Object event) {
    return event instanceof ChannelInputShutdownEvent
        || (event instanceof SslCloseCompletionEvent closed && closed.isSuccess());
  }

  /**
   * Says, behind what is written already, that no more is sent: by TCP's own end, also under TLS. A
   * {@code close_notify} would make the other end's library stop writing too (OpenSSL's engine in
   * Netty answers it at once), and with it the half that is still open.
   */
  static void end(Channel channel) {
    if (channel instanceof DuplexChannel duplex) {
      unwatched(
          channel
              .writeAndFlush(Unpooled.EMPTY_BUFFER)
              .addListener(written -> unwatched(duplex.shutdownOutput())));
    }
  }

  /**
   * Closes behind what is written already.
   *
   * @param idleNanos so long the other end may take nothing of it; zero: for ever
   */
  static void close(Channel channel, long idleNanos) {
    if (channel.isActive()) {
      LastBytes.close(channel, idleNanos);
    } else {
      unwatched(channel.close());
    }
  }
}
