package io.selvage.it.kubernetes;

import io.selvage.it.stage.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A wire to servers on loopback, byte for byte, that can be cut, held up and mended. Of several
 * servers each connection goes to the next one that takes it.
 */
final class Gate implements AutoCloseable {
  private final ServerSocket accepting;
  private final int[] targets;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition goesOn = lock.newCondition();
  private int next;
  private volatile boolean cut;
  private boolean stalled;

  private Gate(int... to) throws IOException {
    this.accepting = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    this.targets = to.clone();
    Thread.ofVirtual().start(this::accept);
  }

  /** Begins, whole. */
  static Gate to(int... ports) throws IOException {
    return new Gate(ports);
  }

  int port() {
    return accepting.getLocalPort();
  }

  /** Resets all connections and, until {@link #mend}, each that comes. */
  void cut() {
    cut = true;
    connections.forEach(Gate::reset);
  }

  /** Holds what comes on its way, with all connections open, until {@link #mend}. */
  void stall() {
    stalled(true);
  }

  void mend() {
    cut = false;
    stalled(false);
  }

  private void stalled(boolean now) {
    lock.lock();
    try {
      stalled = now;
      goesOn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitGoing() throws InterruptedException {
    lock.lock();
    try {
      while (stalled) {
        goesOn.await();
      }
    } finally {
      lock.unlock();
    }
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

  private void carry(Socket in) {
    for (int tries = 0; tries < targets.length; tries++) {
      int port = targets[next++ % targets.length];
      try {
        Socket out = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        connections.add(out);
        Thread.ofVirtual().start(() -> copy(in, out));
        Thread.ofVirtual().start(() -> copy(out, in));
        return;
      } catch (IOException e) {
        // that one takes nothing
      }
    }
    reset(in);
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      byte[] some = new byte[16 * 1024];
      int read;
      while ((read = in.read(some)) > 0) {
        awaitGoing();
        out.write(some, 0, read);
      }
    } catch (IOException e) {
      // one of the two ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
    all.add(this::mend);
    all.close();
  }
}
