package io.selvage.proxy.telemetry;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one edge with their labels resolved, so that a request costs an increment and
 * three observations, and no look-up by strings.
 */
public final class EdgeMetrics {
  /** The data points of one combination of code, flags and gRPC status. */
  private record Outcome(
      long key,
      CounterDataPoint requests,
      DistributionDataPoint duration,
      DistributionDataPoint requestBytes,
      DistributionDataPoint responseBytes) {}

  private final MeshMetrics metrics;
  private final Edge edge;

  /** Few, so searched in order; replaced when one is added. */
  private volatile Outcome[] outcomes = {};

  EdgeMetrics(MeshMetrics metrics, Edge edge) {
    this.metrics = metrics;
    this.edge = edge;
  }

  void requestCompleted(RequestRecord request) {
    Outcome outcome = outcome(request.status(), request.flags(), request.grpcStatus());
    outcome.requests.inc();
    outcome.duration.observe(request.durationNanos() / 1e6);
    outcome.requestBytes.observe((double) request.bytesReceived());
    outcome.responseBytes.observe((double) request.bytesSent());
  }

  private Outcome outcome(int status, int flags, int grpcStatus) {
    long key = ((long) flags << 32) | ((grpcStatus & 0xffffL) << 16) | (status & 0xffffL);
    Outcome found = find(outcomes, key);
    return found != null ? found : add(key, status, flags, grpcStatus);
  }

  private static @Nullable Outcome find(Outcome[] outcomes, long key) {
    for (Outcome outcome : outcomes) {
      if (outcome.key == key) {
        return outcome;
      }
    }
    return null;
  }

  private synchronized Outcome add(long key, int status, int flags, int grpcStatus) {
    Outcome raced = find(outcomes, key);
    if (raced != null) {
      return raced;
    }
    String[] labels = labels(flags, String.valueOf(status), grpcStatus < 0 ? "" : "" + grpcStatus);
    Outcome added =
        new Outcome(
            key,
            metrics.requests.labelValues(labels),
            metrics.duration.labelValues(labels),
            metrics.requestBytes.labelValues(labels),
            metrics.responseBytes.labelValues(labels));
    List<Outcome> more = new ArrayList<>(List.of(outcomes));
    more.add(added);
    outcomes = more.toArray(Outcome[]::new);
    return added;
  }

  void connectionOpened() {
    metrics.opened.labelValues(labels(0)).inc();
  }

  void connectionClosed(ConnectionRecord connection) {
    String[] labels = labels(connection.flags());
    metrics.closed.labelValues(labels).inc();
    metrics.sentBytes.labelValues(labels).inc(connection.bytesSent());
    metrics.receivedBytes.labelValues(labels).inc(connection.bytesReceived());
  }

  /** In the order of {@link MetricNames#EDGE_LABELS}. */
  private String[] labels(int flags, String... more) {
    Workload source = edge.source();
    Workload destination = edge.destination();
    List<String> labels =
        new ArrayList<>(
            List.of(
                edge.reporterLabel(),
                source.workload(),
                source.canonicalService(),
                source.canonicalRevision(),
                source.namespace(),
                source.principal(),
                source.app(),
                source.version(),
                source.cluster(),
                destination.workload(),
                destination.namespace(),
                destination.principal(),
                destination.app(),
                destination.version(),
                edge.destinationService(),
                edge.destinationServiceName(),
                edge.destinationServiceNamespace(),
                destination.canonicalService(),
                destination.canonicalRevision(),
                destination.cluster(),
                edge.protocol(),
                edge.securityLabel(),
                ResponseFlag.text(flags)));
    labels.addAll(List.of(more));
    return labels.toArray(String[]::new);
  }
}
