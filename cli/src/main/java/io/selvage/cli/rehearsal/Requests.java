package io.selvage.cli.rehearsal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Some thousand requests over a few connections, most of them allowed and some denied. */
final class Requests {

  private static final int CONNECTIONS = 8;
  private static final int ROUNDS = 400;

  private Requests() {}

  /**
   * A request and its right answer.
   *
   * @param target in absolute form (RFC 9112 3.2.2)
   */
  record Expected(int status, String method, String target) {}

  /**
   * Sends them to {@code proxy}.
   *
   * @return how many there were
   * @throws IOException when one is not answered as expected
   */
  static int through(InetSocketAddress proxy, Expected common, Expected rare) throws IOException {
    int answered = 0;
    List<KeepAlive> connections = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(KeepAlive.open(proxy));
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (KeepAlive connection : connections) {
          connection.expect(common);
          answered++;
        }
        connections.get(round % CONNECTIONS).expect(rare);
        answered++;
      }
    } finally {
      for (KeepAlive connection : connections) {
        connection.close();
      }
    }
    return answered;
  }
}
