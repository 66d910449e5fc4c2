package io.selvage.control.admin;

import io.selvage.control.ControlPlane;
import io.selvage.xds.admin.AdminEndpoint;
import io.selvage.xds.admin.AdminPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * A control plane's HTTP endpoint for its operator, on loopback: {@code /status}, {@code
 * /problems}, {@code /certs}, {@code /why-map} and istiod's {@code /debug/…} ask for the bearer
 * token, {@code /metrics}, {@code /healthz} and {@code /readyz} don't.
 */
public final class AdminServer implements AutoCloseable {
  /** Where metrics are. */
  public static final String METRICS = "/metrics";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final AdminEndpoint endpoint;

  private AdminServer(AdminEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Serves a control plane.
   *
   * @param port on loopback; 0: any free one
   * @param token whoever has it may look; at least 16 characters
   */
  public static AdminServer start(ControlPlane plane, int port, String token) throws IOException {
    var endpoint =
        AdminEndpoint.at(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), Optional.of(token));
    var metrics = new ControlMetrics(plane);
    var debug = new DebugPages(plane);
    endpoint
        .open("/healthz", _ -> AdminPage.text(200, "ok"))
        .open("/readyz", _ -> AdminPage.text(200, "ready"))
        .open(
            METRICS,
            _ -> new AdminPage(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()))
        .guarded("/status", _ -> json(StatusReport.of(plane.status())))
        .guarded("/problems", _ -> json(StatusReport.of(plane.status()).problems()))
        .guarded("/certs", _ -> json(Map.of("roots", plane.status().roots())))
        .guarded("/why-map", _ -> json(StatusReport.rules(plane)));
    for (String name : debug.names()) {
      endpoint.guarded(
          "/debug/" + name,
          request ->
              debug.page(name, request).orElseGet(() -> AdminPage.text(404, "404 page not found")));
    }
    return new AdminServer(endpoint.start());
  }

  /** Where it listens. */
  public int port() {
    return endpoint.address().getPort();
  }

  /** {@code http://127.0.0.1:PORT}. */
  public String url() {
    return endpoint.url();
  }

  private static AdminPage json(Object value) {
    return AdminPage.json(JSON.writeValueAsString(value));
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
