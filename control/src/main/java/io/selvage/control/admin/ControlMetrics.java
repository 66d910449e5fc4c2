package io.selvage.control.admin;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.selvage.control.ControlPlane;
import io.selvage.control.ControlPlaneStatus;
import io.selvage.xds.server.ClientStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A control plane's figures under the names that istiod gives them. */
final class ControlMetrics {
  /** Proxies that are connected. */
  static final String CLIENTS = "pilot_xds";

  /** States of the mesh that were handed out. */
  static final String PUSHES = "pilot_xds_pushes";

  /** Refusals by proxies, each counted once. */
  static final String REJECTS = "pilot_total_xds_rejects";

  /** Hosts that the mesh knows. */
  static final String SERVICES = "pilot_services";

  /** Problems that are open, by severity. */
  static final String PROBLEMS = "selvage_config_problems";

  private final ControlPlane plane;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Set<String> refusals = new HashSet<>();

  ControlMetrics(ControlPlane plane) {
    this.plane = plane;
    GaugeWithCallback.builder()
        .name(CLIENTS)
        .help("Proxies that are connected.")
        .callback(callback -> callback.call(plane.ads().clients()))
        .register(registry);
    CounterWithCallback.builder()
        .name(PUSHES)
        .help("States of the mesh that were handed out.")
        .callback(callback -> callback.call((double) plane.pushes()))
        .register(registry);
    CounterWithCallback.builder()
        .name(REJECTS)
        .help("Refusals by proxies.")
        .callback(callback -> callback.call(countRefusals()))
        .register(registry);
    GaugeWithCallback.builder()
        .name(SERVICES)
        .help("Hosts that the mesh knows.")
        .callback(callback -> callback.call(plane.services().services().size()))
        .register(registry);
    GaugeWithCallback.builder()
        .name(PROBLEMS)
        .help("Problems that are open, by severity.")
        .labelNames("severity")
        .callback(callback -> problems(plane).forEach((severity, n) -> callback.call(n, severity)))
        .register(registry);
  }

  /** All figures in Prometheus' text format. */
  String text() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.builder().build().write(out, registry.scrape());
    return out.toString(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static Map<String, Integer> problems(ControlPlane plane) {
    Map<String, Integer> bySeverity = new TreeMap<>();
    ControlPlaneStatus status = plane.status();
    status
        .problems()
        .forEach(
            p -> bySeverity.merge(p.severity().name().toLowerCase(Locale.ROOT), 1, Integer::sum));
    return bySeverity;
  }

  /**
   * Refusals that were seen so far: those that a newer one replaced between two looks are missed.
   */
  private synchronized int countRefusals() {
    for (ClientStatus client : plane.ads().status()) {
      for (ClientStatus.TypeStatus type : client.types()) {
        type.nack()
            .ifPresent(n -> refusals.add(client.nodeId() + type.type() + n.version() + n.at()));
      }
    }
    return refusals.size();
  }
}
