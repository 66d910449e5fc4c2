package io.selvage.cli.mesh;

import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in a workload's namespace for something that listens on the machine's own loopback, such
 * as an application or the control plane: who connects is led there, byte for byte.
 */
public final class HostRelay implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HostRelay.class);
  private static final int BUFFER = 16 * 1024;

  private final ServerSocketChannel listener;
  private final InetSocketAddress application;

  private HostRelay(ServerSocketChannel listener, InetSocketAddress application) {
    this.listener = listener;
    this.application = application;
  }

  /** Listens on {@code port} inside {@code place} and leads to {@code application} outside. */
  static HostRelay start(WorkloadNamespace place, int port, InetSocketAddress application)
      throws IOException {
    return start(place, new InetSocketAddress("0.0.0.0", port), application);
  }

  /** Listens at {@code inside} of {@code place} and leads to {@code application} outside. */
  public static HostRelay start(
      WorkloadNamespace place, InetSocketAddress inside, InetSocketAddress application)
      throws IOException {
    try (var namespace = NetworkNamespace.open(place.path())) {
      ServerSocketChannel listener = namespace.call(ServerSocketChannel::open);
      listener.bind(inside);
      var relay = new HostRelay(listener, application);
      Thread.ofVirtual().name("selvage-relay-" + place.name()).start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("no relay in " + place.name() + ": " + e.getMessage(), e);
    }
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        var inside = listener.accept();
        Thread.ofVirtual().start(() -> join(inside));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("a relay to {} accepts no more: {}", application, e.getMessage());
        return;
      }
    }
  }

  private void join(SocketChannel inside) {
    try (inside;
        var outside = SocketChannel.open(application)) {
      var back = Thread.ofVirtual().start(() -> pump(outside, inside));
      pump(inside, outside);
      back.join();
    } catch (IOException e) {
      LOG.warn("{} does not take a connection: {}", application, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(SocketChannel from, SocketChannel to) {
    var buffer = ByteBuffer.allocate(BUFFER);
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
      LOG.debug("a relayed connection breaks off: {}", e.toString());
      reset(from);
      reset(to);
    }
  }

  /** What broke off on one side does so on the other: a clean end would pass for a whole answer. */
  private static void reset(SocketChannel channel) {
    try (channel) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      LOG.debug("a relayed connection is closed already: {}", e.toString());
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("a relay is closed already: {}", e.toString());
    }
  }
}
