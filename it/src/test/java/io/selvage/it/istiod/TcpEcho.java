package io.selvage.it.istiod;

import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Sends back what it gets, on a port of every address of a namespace. */
final class TcpEcho implements AutoCloseable {
  private final ServerSocketChannel listening;

  TcpEcho(NetworkNamespace place, int port) throws Exception {
    listening = place.call(ServerSocketChannel::open);
    listening.bind(new InetSocketAddress(port));
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    while (listening.isOpen()) {
      try {
        SocketChannel one = listening.accept();
        Thread.ofVirtual().start(() -> echo(one));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static void echo(SocketChannel one) {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try (one) {
      while (one.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          one.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // the other side is gone
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
