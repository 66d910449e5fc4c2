package io.selvage.it.kubernetes;

import io.selvage.it.stage.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A wire to a server on loopback, byte for byte, that can be cut and mended. */
final class Gate implements AutoCloseable {
  private final ServerSocket accepting;
  private final InetSocketAddress target;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private Gate(int to) throws IOException {
    this.accepting = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    this.target = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), to);
    Thread.ofVirtual().start(this::accept);
  }

  /** Begins, whole. */
  static Gate to(int port) throws IOException {
    return new Gate(port);
  }

  int port() {
    return accepting.getLocalPort();
  }

  /** Resets all connections and, until {@link #mend}, each that comes. */
  void cut() {
    cut = true;
    connections.forEach(Gate::reset);
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    while (!accepting.isClosed()) {
      try {
        Socket in = accepting.accept();
        connections.add(in);
        if (cut) {
          reset(in);
        } else {
          carry(in);
        }
      } catch (IOException e) {
        // the gate is closed, or the target refuses: then so does the gate
      }
    }
  }

  private void carry(Socket in) throws IOException {
    var out = new Socket();
    connections.add(out);
    try {
      out.connect(target);
    } catch (IOException e) {
      reset(in);
      throw e;
    }
    Thread.ofVirtual().start(() -> copy(in, out));
    Thread.ofVirtual().start(() -> copy(out, in));
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // one of the two ended
    } finally {
      connections.remove(from);
      connections.remove(to);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // it was closed already
    }
  }

  @Override
  public void close() {
    var all = new Opened();
    all.add(accepting);
    connections.forEach(all::add);
    all.close();
  }
}
