package io.selvage.proxy.pod;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.selvage.proxy.ProxyEngine;
import io.selvage.xds.admin.HttpServerLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The ports of a sidecar that kubelet and Prometheus come to, in plaintext and past capture:
 *
 * <ul>
 *   <li>health: {@code /healthz/ready};
 *   <li>status: that, the application's probes at {@code /app-health/} and {@code /app-lifecycle/},
 *       {@code /stats/prometheus} with the application's figures, and {@code /quitquitquit} for who
 *       is in the Pod;
 *   <li>figures: {@code /stats/prometheus} of the sidecar alone.
 * </ul>
 */
public final class PodStatusServer implements AutoCloseable {
  /** Whether the sidecar takes traffic. */
  public static final String READY = "/healthz/ready";

  /** Its figures. */
  public static final String METRICS = "/stats/prometheus";

  private static final PrometheusTextFormatWriter FORMAT =
      ExpositionFormats.init().getPrometheusTextFormatWriter();

  static {
    // the JDK's server knows limits as properties only; anybody in the network can come to it
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "5");
    System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", "60");
    System.getProperties().putIfAbsent("jdk.httpserver.maxConnections", "1000");
  }

  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final ProxyEngine engine;
  private final Settings settings;
  private final Hooks hooks;

  /**
   * Where, and what is known of the application.
   *
   * @param bind all addresses of the Pod
   * @param status port of probes and merged figures; 0 takes a free one, here and below
   * @param health port of readiness
   * @param metrics port of the sidecar's own figures
   * @param application the Pod's address
   * @param source where connections to the application come from
   * @param probers what kubelet asks, by path
   * @param scrape {@code ISTIO_PROMETHEUS_ANNOTATIONS}; empty: the application has no figures
   */
  public record Settings(
      InetAddress bind,
      int status,
      int health,
      int metrics,
      InetAddress application,
      InetAddress source,
      Map<String, Prober> probers,
      Optional<String> scrape) {
    public Settings {
      probers = Map.copyOf(probers);
    }
  }

  /**
   * What it asks of the sidecar.
   *
   * @param notReady why it takes no traffic; empty: it does
   * @param quit ends it
   */
  public record Hooks(Supplier<Optional<String>> notReady, Runnable quit) {}

  private PodStatusServer(ProxyEngine engine, Settings settings, Hooks hooks) {
    this.engine = engine;
    this.settings = settings;
    this.hooks = hooks;
  }

  /**
   * Begins to answer.
   *
   * @throws IOException when a port is taken
   * @throws IllegalArgumentException when {@code scrape} can't be read
   */
  public static PodStatusServer start(ProxyEngine engine, Settings settings, Hooks hooks)
      throws IOException {
    PodStatusServer started = new PodStatusServer(engine, settings, hooks);
    try {
      started.open();
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
    return started;
  }

  private void open() throws IOException {
    ApplicationClient client =
        new ApplicationClient(engine.loops(), settings.application(), settings.source());
    Optional<ApplicationMetrics> application =
        settings.scrape().flatMap(json -> ApplicationMetrics.of(client, json));
    HttpServer status = listen(settings.status());
    get(status, READY, this::ready);
    get(status, METRICS, exchange -> figures(exchange, application));
    ApplicationProbe probe = new ApplicationProbe(client, status.getAddress().getPort());
    settings
        .probers()
        .forEach((path, prober) -> get(status, path, exchange -> probe(exchange, probe, prober)));
    status.createContext("/quitquitquit", this::quit);
    HttpServer health = listen(settings.health());
    get(health, READY, this::ready);
    HttpServer metrics = listen(settings.metrics());
    get(metrics, METRICS, exchange -> figures(exchange, Optional.empty()));
    servers.forEach(HttpServer::start);
  }

  private HttpServer listen(int port) throws IOException {
    HttpServer server;
    HttpServerLimits.set();
    try {
      server = HttpServer.create(new InetSocketAddress(settings.bind(), port), 0);
    } catch (IOException e) {
      throw new IOException("port " + port + " cannot be had: " + e.getMessage(), e);
    }
    server.setExecutor(requests);
    server.createContext("/", exchange -> send(exchange, 404, "no such page\n"));
    servers.add(server);
    return server;
  }

  private static void get(HttpServer server, String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          if (!exchange.getRequestURI().getPath().equals(path)) {
            send(exchange, 404, "no such page\n");
          } else if (!exchange.getRequestMethod().equals("GET")) {
            send(exchange, 405, "only GET\n");
          } else {
            handler.handle(exchange);
          }
        });
  }

  /** Where probes are answered. */
  public int statusPort() {
    return port(0);
  }

  /** Where readiness is told. */
  public int healthPort() {
    return port(1);
  }

  /** Where the sidecar's figures are. */
  public int metricsPort() {
    return port(2);
  }

  private int port(int which) {
    return servers.get(which).getAddress().getPort();
  }

  private void ready(HttpExchange exchange) throws IOException {
    Optional<String> reason = hooks.notReady().get();
    send(exchange, reason.isEmpty() ? 200 : 503, reason.orElse("ready") + "\n");
  }

  private static void probe(HttpExchange exchange, ApplicationProbe probe, Prober prober)
      throws IOException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name, String.join(", ", values)));
    ApplicationProbe.Answer answer = probe.ask(prober, headers);
    send(exchange, answer.status(), answer.body().getBytes(StandardCharsets.UTF_8));
  }

  private void figures(HttpExchange exchange, Optional<ApplicationMetrics> application)
      throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    FORMAT.write(content, engine.registry().scrape());
    if (application.isPresent()) {
      content.writeBytes(application.get().read().getBytes(StandardCharsets.UTF_8));
    }
    exchange.getResponseHeaders().set("Content-Type", FORMAT.getContentType());
    send(exchange, 200, content.toByteArray());
  }

  /** A Job's sidecar is ended so by its application, as Istio's is. */
  private void quit(HttpExchange exchange) throws IOException {
    if (!exchange.getRemoteAddress().getAddress().isLoopbackAddress()) {
      send(exchange, 403, "only from within the Pod\n");
    } else if (!exchange.getRequestMethod().equals("POST")) {
      send(exchange, 405, "only POST\n");
    } else {
      send(exchange, 200, "OK\n");
      hooks.quit().run();
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    try (exchange) {
      boolean none = bytes.length == 0 || status == 204 || status == 304 || status < 200;
      exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
      if (!none) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    requests.shutdownNow();
  }
}
