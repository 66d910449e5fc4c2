package io.selvage.cli.httpbin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small HTTP/1.1 server in the manner of httpbin: {@code /headers}, {@code /ip}, {@code /get},
 * {@code /anything}, {@code /status/N}, {@code /delay/N}, {@code /bytes/N}, {@code /hostname}.
 * Every answer says in {@code X-Served-By} which instance gave it.
 */
public final class Httpbin implements AutoCloseable {

  private static final int BACKLOG = 1024;
  private static final int MAX_BODY_BYTES = 1 << 20;

  private final HttpServer server;
  private final ExecutorService requests;

  private Httpbin(HttpServer server, ExecutorService requests) {
    this.server = server;
    this.requests = requests;
  }

  /**
   * Starts to listen.
   *
   * @param at where; port 0 takes a free one
   * @param instance what {@code X-Served-By} and {@code /hostname} say, such as {@code
   *     east/httpbin}
   */
  public static Httpbin start(InetSocketAddress at, String instance) throws IOException {
    var server = HttpServer.create(at, BACKLOG);
    var requests = Executors.newVirtualThreadPerTaskExecutor();
    var answers = new Answers(instance);
    server.setExecutor(requests);
    server.createContext("/", exchange -> serve(exchange, answers));
    server.start();
    return new Httpbin(server, requests);
  }

  private static void serve(HttpExchange exchange, Answers answers) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      Answers.Answer answer =
          answers.to(
              new Answers.Request(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI(),
                  exchange.getRequestHeaders(),
                  exchange.getRemoteAddress().getAddress().getHostAddress(),
                  body.readNBytes(MAX_BODY_BYTES)));
      send(exchange, answer, answers.instance());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, Answers.Answer answer, String instance)
      throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.contentType());
    headers.set("X-Served-By", instance);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    byte[] content = answer.body();
    exchange.sendResponseHeaders(
        answer.status(), head || content.length == 0 ? -1 : content.length);
    if (!head && content.length > 0) {
      try (var out = exchange.getResponseBody()) {
        out.write(content);
      }
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Stops at once; requests under way are cut off. */
  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
