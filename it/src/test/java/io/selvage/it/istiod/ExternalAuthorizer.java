package io.selvage.it.istiod;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An HTTP service that lets through who says {@code x-ext: allow}. */
final class ExternalAuthorizer implements AutoCloseable {
  private final HttpServer server;

  /** The paths that it was asked about. */
  final Queue<String> asked = new ConcurrentLinkedQueue<>();

  ExternalAuthorizer(InetSocketAddress at) throws IOException {
    server = HttpServer.create(at, 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(exchange.getRequestURI().getPath());
            boolean allowed = "allow".equals(exchange.getRequestHeaders().getFirst("x-ext"));
            byte[] words = "not without x-ext".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(allowed ? 200 : 403, words.length);
            exchange.getResponseBody().write(words);
          }
        });
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
