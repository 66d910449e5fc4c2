package io.selvage.it.istiod;

import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;

/** Carries connections between the loopbacks of this process's network and of a namespace. */
public final class Relay implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final ServerSocketChannel listening;

  /** Makes a socket where it has to be. */
  private interface Sockets {
    <T> T call(Callable<T> make) throws Exception;
  }

  private static final Sockets HERE =
      new Sockets() {
        @Override
        public <T> T call(Callable<T> make) throws Exception {
          return make.call();
        }
      };

  private Relay(Sockets from, InetSocketAddress at, Sockets to, InetSocketAddress target)
      throws Exception {
    this.listening = from.call(ServerSocketChannel::open);
    listening.bind(at);
    Thread.ofPlatform().daemon().name("relay").start(() -> accept(to, target));
  }

  /** From {@code port} of the namespace's loopback to {@code target} of ours. */
  public static Relay outOf(NetworkNamespace place, int port, int target) throws Exception {
    return new Relay(place::call, loopback(port), HERE, loopback(target));
  }

  /** From a free port of our loopback to {@code target} of the namespace's. */
  public static Relay into(NetworkNamespace place, int target) throws Exception {
    return new Relay(HERE, loopback(0), place::call, loopback(target));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
  }

  public int port() throws IOException {
    return ((InetSocketAddress) listening.getLocalAddress()).getPort();
  }

  private void accept(Sockets to, InetSocketAddress target) {
    while (listening.isOpen()) {
      try {
        SocketChannel one = listening.accept();
        SocketChannel other = to.call(SocketChannel::open);
        Thread.ofVirtual().start(() -> join(one, other, target));
      } catch (Exception e) {
        // closed, or its namespace is: whoever waits for an answer says so
      }
    }
  }

  private static void join(SocketChannel one, SocketChannel other, InetSocketAddress target) {
    try (one;
        other) {
      other.connect(target);
      Thread back = Thread.ofVirtual().start(() -> pump(other, one));
      pump(one, other);
      back.join();
    } catch (IOException e) {
      // nobody listens there: the one who connected sees the end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // the other side is gone
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
