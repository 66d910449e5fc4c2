package io.selvage.control.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.selvage.control.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A control plane's HTTP endpoint for its operator, on loopback: {@code /status}, {@code
 * /problems}, {@code /certs}, {@code /why-map} and {@code /metrics} ask for the bearer token,
 * {@code /healthz} and {@code /readyz} don't.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int SHORTEST_TOKEN = 16;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ControlPlane plane;
  private final ControlMetrics metrics;
  private final byte[] authorization;
  private final JsonMapper json = JsonMapper.builder().build();

  /** What a page says. */
  private interface Page {
    String content() throws IOException;
  }

  private AdminServer(ControlPlane plane, int port, String token) throws IOException {
    if (token.length() < SHORTEST_TOKEN) {
      throw new IllegalArgumentException("a token of less than 16 characters can be guessed");
    }
    this.plane = plane;
    this.metrics = new ControlMetrics(plane);
    this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(executor);
  }

  /**
   * Serves a control plane.
   *
   * @param port on loopback; 0: any free one
   * @param token whoever has it may look
   */
  public static AdminServer start(ControlPlane plane, int port, String token) throws IOException {
    AdminServer admin = new AdminServer(plane, port, token);
    admin.open("/healthz", TEXT, () -> "ok\n");
    admin.open("/readyz", TEXT, () -> "ready\n");
    admin.guarded("/status", JSON, () -> admin.write(StatusReport.of(plane.status())));
    admin.guarded("/problems", JSON, () -> admin.write(StatusReport.of(plane.status()).problems()));
    admin.guarded("/certs", JSON, () -> admin.write(Map.of("roots", plane.status().roots())));
    admin.guarded("/why-map", JSON, () -> admin.write(StatusReport.rules(plane)));
    admin.guarded("/metrics", "text/plain; version=0.0.4; charset=utf-8", admin.metrics::text);
    admin.server.start();
    return admin;
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  private String write(Object value) {
    return json.writeValueAsString(value);
  }

  private void open(String path, String type, Page page) {
    server.createContext(path, exchange -> answer(exchange, path, type, page));
  }

  private void guarded(String path, String type, Page page) {
    server.createContext(
        path,
        exchange -> {
          String given = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] bytes = String.valueOf(given).getBytes(StandardCharsets.UTF_8);
          if (MessageDigest.isEqual(bytes, authorization)) {
            answer(exchange, path, type, page);
          } else {
            send(
                exchange,
                401,
                TEXT,
                "the bearer token of this control plane is missing or wrong\n");
          }
        });
  }

  private void answer(HttpExchange exchange, String path, String type, Page page)
      throws IOException {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      send(exchange, 404, TEXT, "there is no such page\n");
    } else if (!exchange.getRequestMethod().equals("GET")) {
      send(exchange, 405, TEXT, "only GET\n");
    } else {
      try {
        send(exchange, 200, type, page.content());
      } catch (RuntimeException e) {
        LOG.error("the admin page {} of {} failed", path, plane.workloads().id(), e);
        send(exchange, 500, TEXT, "see the control plane's log\n");
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String content)
      throws IOException {
    try (exchange) {
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
