package io.selvage.it.stage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * A port of 127.0.0.1 that was free a moment ago, for peers that cannot be asked which they took.
 */
public final class FreePort {
  private FreePort() {}

  /** Finds one. */
  public static int find() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
