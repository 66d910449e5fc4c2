package io.selvage.control.admin;

import io.selvage.control.ControlPlane;
import io.selvage.xds.admin.AdminEndpoint;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a cluster's control plane shows at istiod's port 15014: {@code /metrics} to everybody,
 * {@code /debug/…} to who comes by loopback, which takes the right to forward ports to its Pod.
 * Until there is a control plane, the answer is 503.
 */
public final class MonitoringServer implements AutoCloseable {
  private static final int NOT_YET = 503;

  private final AdminEndpoint endpoint;
  private final Supplier<Optional<ControlPlane>> plane;
  private volatile Optional<Shown> shown = Optional.empty();

  private record Shown(ControlMetrics metrics, DebugPages debug) {}

  private MonitoringServer(AdminEndpoint endpoint, Supplier<Optional<ControlPlane>> plane) {
    this.endpoint = endpoint;
    this.plane = plane;
  }

  /**
   * Begins to answer.
   *
   * @param plane empty until there is one
   * @throws IOException when the address is taken
   */
  public static MonitoringServer start(InetSocketAddress at, Supplier<Optional<ControlPlane>> plane)
      throws IOException {
    AdminEndpoint endpoint = AdminEndpoint.at(at, Optional.empty());
    MonitoringServer server = new MonitoringServer(endpoint, plane);
    endpoint.open(AdminServer.METRICS, request -> server.page(request, MonitoringServer::metrics));
    endpoint.localBelow("/debug", request -> server.page(request, MonitoringServer::debug));
    endpoint.start();
    return server;
  }

  /** Where it listens. */
  public int port() {
    return endpoint.address().getPort();
  }

  private interface Page {
    AdminPage of(Shown all, AdminRequest request) throws IOException;
  }

  private AdminPage page(AdminRequest request, Page page) throws IOException {
    Optional<Shown> now = shown();
    return now.isPresent()
        ? page.of(now.get(), request)
        : AdminPage.text(NOT_YET, "there is no control plane yet");
  }

  private static AdminPage metrics(Shown all, AdminRequest request) throws IOException {
    return new AdminPage(200, "text/plain; version=0.0.4; charset=utf-8", all.metrics().text());
  }

  private static AdminPage debug(Shown all, AdminRequest request) {
    return all.debug()
        .page(request.rest(), request)
        .orElseGet(() -> AdminPage.text(404, "404 page not found"));
  }

  private synchronized Optional<Shown> shown() {
    if (shown.isEmpty()) {
      shown = plane.get().map(one -> new Shown(new ControlMetrics(one), new DebugPages(one)));
    }
    return shown;
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
