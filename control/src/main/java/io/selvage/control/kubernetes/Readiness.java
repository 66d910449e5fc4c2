package io.selvage.control.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.selvage.xds.admin.HttpServerLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The endpoint by which Kubernetes learns whether a control plane is ready: {@code /ready} (Istio's
 * path) and {@code /readyz} answer 200, or 503 with the reason; {@code /healthz} always 200.
 */
public final class Readiness implements AutoCloseable {
  /** Where it is said how it stands with each other cluster, a line each. */
  public static final String CLUSTERS = "/clusters";

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Optional<String> waitsFor;
  private boolean ends; // guarded by this
  private volatile Supplier<String> clusters = () -> "";

  private Readiness(HttpServer server, String waitsFor) {
    this.server = server;
    this.waitsFor = Optional.of(waitsFor);
  }

  /**
   * Begins to answer, not ready.
   *
   * @param waitsFor what is waited for first
   */
  public static Readiness serve(InetSocketAddress at, String waitsFor) throws IOException {
    HttpServerLimits.set();
    Readiness readiness = new Readiness(HttpServer.create(at, 0), waitsFor);
    readiness.server.setExecutor(readiness.executor);
    readiness.server.createContext("/ready", readiness::answer);
    readiness.server.createContext("/readyz", readiness::answer);
    readiness.server.createContext(
        CLUSTERS, exchange -> send(exchange, 200, readiness.clusters.get()));
    readiness.server.createContext("/healthz", exchange -> send(exchange, 200, "ok\n"));
    readiness.server.start();
    return readiness;
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** It isn't ready, for that reason. */
  public synchronized void waitsFor(String what) {
    if (!ends) {
      waitsFor = Optional.of(what);
    }
  }

  /** It is ready from now on. */
  public synchronized void ready() {
    if (!ends) {
      waitsFor = Optional.empty();
    }
  }

  /**
   * It ends: it will never be ready again.
   *
   * @return whether it was ready until now
   */
  public synchronized boolean ends() {
    boolean wasReady = waitsFor.isEmpty();
    ends = true;
    waitsFor = Optional.of("it ends");
    return wasReady;
  }

  /** From now on says how it stands with the other clusters. */
  void tellsOfClusters(Supplier<String> standing) {
    clusters = standing;
  }

  private void answer(HttpExchange exchange) throws IOException {
    Optional<String> now = waitsFor;
    send(
        exchange,
        now.isEmpty() ? 200 : 503,
        now.map(what -> "not ready: " + what).orElse("ready") + "\n");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
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
