package io.selvage.proxy.telemetry;

import java.util.Optional;

/**
 * Who hears how connections and requests of one listener ended.
 *
 * @param accessLog a line each, when configured
 * @param denials what {@code selvage why} reads
 * @param workload whose proxy this is ({@code namespace/name}), for the denials
 */
public record Reporting(Optional<AccessLog> accessLog, DenialRing denials, String workload) {
  void requestCompleted(RequestRecord request) {
    EdgeMetrics edge = request.edge();
    if (edge != null) {
      edge.requestCompleted(request);
    }
    if (request.isDenied()) {
      denials.add(Denial.of(request, workload));
    }
    if (accessLog.isPresent()) {
      accessLog.get().requestCompleted(request);
    }
  }

  void connectionCompleted(ConnectionRecord connection) {
    EdgeMetrics edge = connection.edge();
    if (edge != null) {
      edge.connectionClosed(connection);
    }
    if (connection.isDenied()) {
      denials.add(Denial.of(connection, workload));
    }
    if (accessLog.isPresent()) {
      accessLog.get().connectionCompleted(connection);
    }
  }
}
