package io.selvage.xds.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP endpoint that answers: pages by path, some of them for whoever holds the bearer token.
 * Only what is added as an action changes anything, by POST and for the token's holder alone.
 *
 * <p>On loopback it answers only to who names it by an address or {@code localhost}, so that no web
 * page can have a browser read it under a name of its own (DNS rebinding).
 */
public final class AdminEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminEndpoint.class);
  private static final int SHORTEST_TOKEN = 16;
  private static final int MOST_OF_A_BODY = 65_536;
  private static final String GET = "GET";
  private static final String POST = "POST";

  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final Optional<byte[]> authorization;
  private final Set<String> paths = new TreeSet<>();

  /** Whom a page is for. */
  private enum For {
    ALL,
    LOOPBACK,
    HOLDER
  }

  /** Makes a page for a request. */
  @FunctionalInterface
  public interface Answer {
    /** The page. A failure is logged and answered with 500. */
    AdminPage to(AdminRequest request) throws IOException;
  }

  /** Does what a request asks for. */
  @FunctionalInterface
  public interface Action {
    /** The page that says what came of it. A failure is logged and answered with 500. */
    AdminPage to(AdminRequest request, String body) throws IOException;
  }

  private interface Making {
    AdminPage of(HttpExchange exchange) throws IOException;
  }

  private AdminEndpoint(InetSocketAddress at, Optional<String> token) throws IOException {
    token
        .filter(secret -> secret.length() < SHORTEST_TOKEN)
        .ifPresent(
            _ -> {
              throw new IllegalArgumentException(
                  "a token of less than " + SHORTEST_TOKEN + " characters can be guessed");
            });
    this.authorization = token.map(secret -> ("Bearer " + secret).getBytes(StandardCharsets.UTF_8));
    HttpServerLimits.set();
    this.server = HttpServer.create(at, 0);
    server.setExecutor(requests);
    server.createContext(
        "/",
        exchange ->
            handle(
                exchange,
                For.ALL,
                GET,
                _ ->
                    AdminPage.text(
                        exchange.getRequestURI().getPath().equals("/") ? 200 : 404, index())));
  }

  /**
   * An endpoint that has its address and does not answer yet.
   *
   * @param at where; port 0 takes a free one
   * @param token for the guarded pages; at least 16 characters
   * @throws IOException when the address is taken
   */
  public static AdminEndpoint at(InetSocketAddress at, Optional<String> token) throws IOException {
    return new AdminEndpoint(at, token);
  }

  /** A page for everybody who gets at the endpoint. */
  public AdminEndpoint open(String path, Answer answer) {
    return add(path, For.ALL, exact(path, answer));
  }

  /**
   * Pages below a path for who calls by loopback, as port forwarding does, wherever else the
   * endpoint listens; {@link AdminRequest#rest} says which.
   */
  public AdminEndpoint localBelow(String path, Answer answer) {
    return add(path, For.LOOPBACK, answer);
  }

  /** A page for who holds the token. */
  public AdminEndpoint guarded(String path, Answer answer) {
    return add(path, For.HOLDER, exact(path, answer));
  }

  /** Pages below a path for who holds the token; {@link AdminRequest#rest} says which. */
  public AdminEndpoint guardedBelow(String path, Answer answer) {
    return add(path, For.HOLDER, answer);
  }

  /** Does what is asked for below a path, for who holds the token: POST, with a body. */
  public AdminEndpoint actionBelow(String path, Action action) {
    return add(
        path,
        For.HOLDER,
        POST,
        exchange -> action.to(AdminRequest.of(exchange, path), body(exchange)));
  }

  private static String body(HttpExchange exchange) throws IOException {
    byte[] read = exchange.getRequestBody().readNBytes(MOST_OF_A_BODY + 1);
    if (read.length > MOST_OF_A_BODY) {
      throw new IllegalArgumentException("more than %d bytes".formatted(MOST_OF_A_BODY));
    }
    return new String(read, StandardCharsets.UTF_8);
  }

  private static Answer exact(String path, Answer answer) {
    return request ->
        request.rest().isEmpty() ? answer.to(request) : AdminPage.text(404, "no page " + path);
  }

  private AdminEndpoint add(String path, For who, Answer answer) {
    return add(path, who, GET, exchange -> answer.to(AdminRequest.of(exchange, path)));
  }

  private AdminEndpoint add(String path, For who, String method, Making page) {
    if (who == For.HOLDER && authorization.isEmpty()) {
      throw new IllegalStateException(path + " is for who holds a token, and there is none");
    }
    paths.add(path);
    server.createContext(path, exchange -> handle(exchange, who, method, page));
    return this;
  }

  /** Begins to answer. */
  public AdminEndpoint start() {
    server.start();
    return this;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** {@code http://ADDRESS:PORT}. */
  public String url() {
    return "http://" + address().getAddress().getHostAddress() + ":" + address().getPort();
  }

  private String index() {
    return paths.stream().collect(Collectors.joining("\n", "there are\n", "\n"));
  }

  private void handle(HttpExchange exchange, For who, String method, Making page)
      throws IOException {
    try (exchange) {
      send(exchange, page(exchange, who, method, page));
    }
  }

  private AdminPage page(HttpExchange exchange, For who, String method, Making page) {
    String path = exchange.getHttpContext().getPath();
    boolean fromLoopback = exchange.getRemoteAddress().getAddress().isLoopbackAddress();
    if (who == For.LOOPBACK && !fromLoopback) {
      return AdminPage.text(403, "only by loopback, as kubectl port-forward calls");
    }
    boolean onLoopback = address().getAddress().isLoopbackAddress() || who == For.LOOPBACK;
    if (onLoopback && !namesUs(exchange)) {
      return AdminPage.text(403, "only by its address or localhost");
    }
    if (who == For.HOLDER && !isAuthorized(exchange)) {
      return AdminPage.text(401, "the bearer token is missing or wrong");
    }
    if (!exchange.getRequestMethod().equals(method)) {
      return AdminPage.text(405, "only " + method);
    }
    try {
      return page.of(exchange);
    } catch (IllegalArgumentException e) {
      return AdminPage.text(400, String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      log.error("the admin page {} failed", path, e);
      return AdminPage.text(500, "see the log");
    }
  }

  private static boolean namesUs(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null) {
      return true; // HTTP/1.0, which no browser speaks
    }
    String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    if (name.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(name.replaceAll("^\\[|]$", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean isAuthorized(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return given != null
        && authorization
            .filter(wanted -> MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted))
            .isPresent();
  }

  private static void send(HttpExchange exchange, AdminPage page) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", page.type());
    headers.set("Cache-Control", "no-cache, max-age=0");
    headers.set("X-Content-Type-Options", "nosniff");
    byte[] bytes = page.content().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(page.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
