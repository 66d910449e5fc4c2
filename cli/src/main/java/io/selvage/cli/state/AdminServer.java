package io.selvage.cli.state;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers other commands' questions about a running mesh: JSON over HTTP on loopback, for whoever
 * holds the bearer token.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int TOKEN_BYTES = 32;

  private final HttpServer server;
  private final ExecutorService requests;
  private final String token;

  private AdminServer(HttpServer server, ExecutorService requests, String token) {
    this.server = server;
    this.requests = requests;
    this.token = token;
  }

  /**
   * Starts to answer on a free port of 127.0.0.1.
   *
   * @param questions by path, such as {@code /v1/status}: from the rest of the path to the answer,
   *     which is empty when there is nothing of that name
   */
  public static AdminServer start(
      Map<String, Function<String, Optional<?>>> questions, SecureRandom random)
      throws IOException {
    var bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    var requests = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(requests);
    var admin = new AdminServer(server, requests, token);
    questions.forEach(
        (path, question) ->
            server.createContext(path, exchange -> admin.answer(exchange, path, question)));
    server.start();
    return admin;
  }

  private void answer(HttpExchange exchange, String path, Function<String, Optional<?>> question)
      throws IOException {
    try (exchange) {
      if (!authorized(exchange)) {
        send(exchange, 401, Map.of("error", "the bearer token is missing or another mesh's"));
        return;
      }
      String rest = exchange.getRequestURI().getPath().substring(path.length());
      Optional<?> found = question.apply(rest.startsWith("/") ? rest.substring(1) : rest);
      if (found.isPresent()) {
        send(exchange, 200, found.get());
      } else {
        send(exchange, 404, Map.of("error", "nothing is known of " + rest));
      }
    } catch (RuntimeException e) {
      LOG.error("the question {} went unanswered", path, e);
    }
  }

  private boolean authorized(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8),
            ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, Object answer) throws IOException {
    byte[] body = JsonMapper.shared().writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** {@code http://127.0.0.1:PORT}. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What a caller must present. */
  public String token() {
    return token;
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
