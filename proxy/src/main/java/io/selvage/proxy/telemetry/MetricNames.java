package io.selvage.proxy.telemetry;

import java.util.List;

/** Names of the proxy's metrics and their labels, as Istio's dashboards and Kiali ask for them. */
public final class MetricNames {
  public static final String REQUESTS = "istio_requests_total";
  public static final String REQUEST_DURATION = "istio_request_duration_milliseconds";
  public static final String REQUEST_BYTES = "istio_request_bytes";
  public static final String RESPONSE_BYTES = "istio_response_bytes";
  public static final String TCP_OPENED = "istio_tcp_connections_opened_total";
  public static final String TCP_CLOSED = "istio_tcp_connections_closed_total";
  public static final String TCP_SENT_BYTES = "istio_tcp_sent_bytes_total";
  public static final String TCP_RECEIVED_BYTES = "istio_tcp_received_bytes_total";
  public static final String ACCESS_LOG_DROPPED = "selvage_access_log_dropped_lines_total";

  /** All names. */
  public static final List<String> ALL =
      List.of(
          REQUESTS,
          REQUEST_DURATION,
          REQUEST_BYTES,
          RESPONSE_BYTES,
          TCP_OPENED,
          TCP_CLOSED,
          TCP_SENT_BYTES,
          TCP_RECEIVED_BYTES,
          ACCESS_LOG_DROPPED);

  /** Labels of every TCP metric; the HTTP metrics have these and {@link #HTTP_LABELS}. */
  public static final List<String> EDGE_LABELS =
      List.of(
          "reporter",
          "source_workload",
          "source_canonical_service",
          "source_canonical_revision",
          "source_workload_namespace",
          "source_principal",
          "source_app",
          "source_version",
          "source_cluster",
          "destination_workload",
          "destination_workload_namespace",
          "destination_principal",
          "destination_app",
          "destination_version",
          "destination_service",
          "destination_service_name",
          "destination_service_namespace",
          "destination_canonical_service",
          "destination_canonical_revision",
          "destination_cluster",
          "request_protocol",
          "connection_security_policy",
          "response_flags");

  /** What the HTTP metrics have beside. */
  public static final List<String> HTTP_LABELS = List.of("response_code", "grpc_response_status");

  private MetricNames() {}
}
