package io.selvage.it.gateway;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An application that answers nobody before the test lets it. */
final class HeldServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  HeldServer(InetSocketAddress at) throws IOException {
    server = HttpServer.create(at, 10);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            arrived.countDown();
            mayAnswer.await();
            byte[] answer = "held".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  /** Whether a request is there. */
  boolean isAsked() {
    return arrived.getCount() == 0;
  }

  void answer() {
    mayAnswer.countDown();
  }

  @Override
  public void close() {
    mayAnswer.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
