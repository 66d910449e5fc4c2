package io.selvage.it.stage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port of 127.0.0.1 that was free a moment ago, for peers that cannot be asked which they took:
 * none that was given away before, and none of those that the kernel gives to whoever asks for any
 * (from 32768 on, unless it is told otherwise), which another test may have got meanwhile.
 */
public final class FreePort {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 37 % COUNT));

  private FreePort() {}

  /** Finds one. */
  public static int find() throws IOException {
    IOException last = new IOException("no port was tried");
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (var socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        return socket.getLocalPort();
      } catch (IOException e) {
        last = e; // somebody else's
      }
    }
    throw last;
  }
}
