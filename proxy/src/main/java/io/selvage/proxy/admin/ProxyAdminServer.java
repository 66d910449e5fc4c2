package io.selvage.proxy.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.ProxyResources;
import io.selvage.proxy.WorkloadProxy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy process's HTTP endpoint for Prometheus and probes: {@code /stats/prometheus} and {@code
 * /ready} as Envoy's admin has them, {@code /healthz/ready} as Istio's agent. It tells figures and
 * names, nothing that is secret, and changes nothing.
 */
public final class ProxyAdminServer implements AutoCloseable {
  /** Where metrics are. */
  public static final String METRICS = "/stats/prometheus";

  private static final Logger LOG = LoggerFactory.getLogger(ProxyAdminServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final ProxyEngine engine;
  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final ExpositionFormats formats = ExpositionFormats.init();

  /** A page: status, type and content. */
  private record Page(int status, String type, String content) {
    static Page text(int status, String content) {
      return new Page(status, TEXT, content);
    }
  }

  /** Makes a page for a request. */
  private interface Answer {
    Page to(HttpExchange request) throws IOException;
  }

  private ProxyAdminServer(ProxyEngine engine, InetSocketAddress at) throws IOException {
    this.engine = engine;
    this.server = HttpServer.create(at, 0);
    server.setExecutor(requests);
  }

  /**
   * Serves an engine.
   *
   * @param at where; port 0 takes a free one
   * @throws IOException when the address is taken
   */
  public static ProxyAdminServer start(ProxyEngine engine, InetSocketAddress at)
      throws IOException {
    var admin = new ProxyAdminServer(engine, at);
    admin.open(METRICS, admin::metrics);
    admin.open("/healthz/ready", _ -> admin.readiness("ready\n"));
    admin.open("/ready", _ -> admin.readiness("LIVE\n"));
    admin.server.start();
    return admin;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private Page metrics(HttpExchange request) throws IOException {
    var writer = formats.findWriter(request.getRequestHeaders().getFirst("Accept"));
    var content = new ByteArrayOutputStream();
    writer.write(content, engine.registry().scrape());
    return new Page(200, writer.getContentType(), content.toString(StandardCharsets.UTF_8));
  }

  /** Ready is who has taken a configuration and bound its listeners. */
  private Page readiness(String ready) {
    List<String> waiting =
        engine.workloads().stream()
            .filter(workload -> workload.resources().equals(ProxyResources.NONE))
            .map(WorkloadProxy::spec)
            .map(spec -> spec.name() + " has no configuration yet\n")
            .toList();
    return waiting.isEmpty() ? Page.text(200, ready) : Page.text(503, String.join("", waiting));
  }

  private void open(String path, Answer answer) {
    server.createContext(path, exchange -> answer(exchange, path, answer));
  }

  private static void answer(HttpExchange exchange, String path, Answer answer) throws IOException {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      send(exchange, Page.text(404, "there is no such page\n"));
    } else if (!exchange.getRequestMethod().equals("GET")) {
      send(exchange, Page.text(405, "only GET\n"));
    } else {
      try {
        send(exchange, answer.to(exchange));
      } catch (RuntimeException e) {
        LOG.error("the admin page {} failed", path, e);
        send(exchange, Page.text(500, "see the proxy's log\n"));
      }
    }
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", page.type());
      byte[] bytes = page.content().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(page.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
