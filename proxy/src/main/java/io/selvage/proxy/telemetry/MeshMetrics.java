package io.selvage.proxy.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The mesh metrics of a process; one for all its workloads, safe for use by many threads. */
public final class MeshMetrics {
  /** Upper bounds of Envoy's histograms; milliseconds, or bytes. */
  private static final double[] BOUNDS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  final Counter requests;
  final Histogram duration;
  final Histogram requestBytes;
  final Histogram responseBytes;
  final Counter opened;
  final Counter closed;
  final Counter sentBytes;
  final Counter receivedBytes;
  final Counter droppedLines;
  private final ConcurrentMap<Edge, EdgeMetrics> edges = new ConcurrentHashMap<>();

  /** Registers the metrics. */
  public MeshMetrics(PrometheusRegistry registry) {
    requests = counter(registry, MetricNames.REQUESTS, "Requests that were completed", true);
    duration = histogram(registry, MetricNames.REQUEST_DURATION, "Milliseconds of a request");
    requestBytes = histogram(registry, MetricNames.REQUEST_BYTES, "Bytes of request bodies");
    responseBytes = histogram(registry, MetricNames.RESPONSE_BYTES, "Bytes of response bodies");
    opened = counter(registry, MetricNames.TCP_OPENED, "TCP connections that began", false);
    closed = counter(registry, MetricNames.TCP_CLOSED, "TCP connections that ended", false);
    sentBytes = counter(registry, MetricNames.TCP_SENT_BYTES, "Bytes sent to clients", false);
    receivedBytes =
        counter(registry, MetricNames.TCP_RECEIVED_BYTES, "Bytes received from clients", false);
    droppedLines =
        Counter.builder()
            .name(MetricNames.ACCESS_LOG_DROPPED)
            .help("Access log lines that found the queue full")
            .register(registry);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, boolean http) {
    return Counter.builder().name(name).help(help).labelNames(labels(http)).register(registry);
  }

  private static Histogram histogram(PrometheusRegistry registry, String name, String help) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(BOUNDS)
        .labelNames(labels(true))
        .register(registry);
  }

  private static String[] labels(boolean http) {
    List<String> labels = new ArrayList<>(MetricNames.EDGE_LABELS);
    if (http) {
      labels.addAll(MetricNames.HTTP_LABELS);
    }
    return labels.toArray(String[]::new);
  }

  /** The counters of an edge; ask once per connection or route, not per request. */
  public EdgeMetrics edge(Edge edge) {
    return edges.computeIfAbsent(edge, key -> new EdgeMetrics(this, key));
  }
}
