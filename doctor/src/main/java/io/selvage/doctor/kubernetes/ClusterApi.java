package io.selvage.doctor.kubernetes;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** One cluster, as its API server lets us at it: the only door that the doctor has. */
public interface ClusterApi {
  /** The context by which it is reached. */
  String context();

  /** The API server's address. */
  String server();

  /**
   * Reads.
   *
   * @param path with its query, such as {@code /api/v1/nodes?limit=500}
   * @throws java.net.SocketTimeoutException when nothing is answered in time
   * @throws IOException when nothing is answered; any status is an answer
   */
  Answer get(String path) throws IOException;

  /**
   * Asks something that takes a body and changes nothing: reviews.
   *
   * @throws java.net.SocketTimeoutException when nothing is answered in time
   * @throws IOException when nothing is answered
   */
  Answer post(String path, JsonNode body) throws IOException;

  /**
   * Opens a way to a port of a Pod's loopback.
   *
   * @throws IOException when it cannot be made; what happens later is seen at its port
   */
  Tunnel tunnel(String namespace, String pod, int port) throws IOException;

  /**
   * An answer.
   *
   * @param status HTTP's
   * @param date when it was made, by the API server's clock
   */
  record Answer(int status, Optional<Instant> date, String body) {
    /** Whether it is what was asked for. */
    public boolean isGood() {
      return status / 100 == 2;
    }
  }

  /** A way to a port, until it is closed. */
  interface Tunnel extends AutoCloseable {
    /** On this machine's loopback. */
    int port();

    @Override
    void close();
  }
}
