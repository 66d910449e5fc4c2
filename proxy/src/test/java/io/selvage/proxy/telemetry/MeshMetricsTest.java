package io.selvage.proxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The mesh metrics, as Prometheus scrapes them. */
class MeshMetricsTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final MeshMetrics metrics = new MeshMetrics(registry);
  private final ConnectionRecord connection =
      Sample.connection(Optional.empty(), new DenialRing(1));

  @Test
  void aRequestIsCountedUnderIstiosLabels() throws Exception {
    for (int i = 0; i < 2; i++) {
      RequestRecord request = Sample.request(connection).edge(metrics.edge(Sample.EDGE));
      Sample.answer(request);
    }
    assertThat(scraped())
        .anyMatch(
            line ->
                line.startsWith("istio_requests_total{")
                    && line.endsWith("} 2.0")
                    && hasAll(
                        line,
                        "reporter=\"destination\"",
                        "source_principal=\"spiffe://cluster.local/ns/sample/sa/sleep\"",
                        "source_workload_namespace=\"sample\"",
                        "destination_service=\"httpbin.sample.svc.cluster.local\"",
                        "request_protocol=\"http\"",
                        "response_code=\"418\"",
                        "response_flags=\"-\"",
                        "grpc_response_status=\"\"",
                        "connection_security_policy=\"mutual_tls\""))
        .anyMatch(line -> line.startsWith("istio_request_duration_milliseconds_bucket"))
        .anyMatch(line -> line.startsWith("istio_response_bytes_sum") && line.endsWith("} 270.0"));
  }

  @Test
  void flagsAndGrpcStatusMakeTimeSeriesOfTheirOwn() throws Exception {
    RequestRecord request = Sample.request(connection).edge(metrics.edge(Sample.EDGE));
    request.flag(ResponseFlag.UF).grpcStatus(14);
    Sample.answer(request);
    assertThat(scraped())
        .anyMatch(line -> hasAll(line, "response_flags=\"UF\"", "grpc_response_status=\"14\""));
  }

  @Test
  void aTcpConnectionIsCountedWhenItOpensAndWhenItCloses() throws Exception {
    connection.edge(metrics.edge(Sample.EDGE));
    assertThat(scraped())
        .anyMatch(line -> line.startsWith("istio_tcp_connections_opened_total{"))
        .noneMatch(line -> line.startsWith("istio_tcp_connections_closed_total{"));
    connection.received(10);
    connection.sent(20);
    connection.complete(1);
    assertThat(scraped())
        .anyMatch(line -> line.startsWith("istio_tcp_sent_bytes_total{") && line.endsWith(" 20.0"))
        .anyMatch(
            line -> line.startsWith("istio_tcp_received_bytes_total{") && line.endsWith(" 10.0"))
        .anyMatch(line -> line.startsWith("istio_tcp_connections_closed_total{"));
  }

  @Test
  void theEdgeOfARouteIsResolvedOnce() {
    assertThat(metrics.edge(Sample.EDGE)).isSameAs(metrics.edge(Sample.EDGE));
  }

  @Test
  void theDocumentNamesEveryMetricAndLabel() throws Exception {
    String document = Files.readString(Path.of("..", "docs", "metrics.md"));
    assertThat(MetricNames.ALL).allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
    assertThat(MetricNames.EDGE_LABELS)
        .allSatisfy(label -> assertThat(document).contains("`" + label + "`"));
    assertThat(MetricNames.HTTP_LABELS)
        .allSatisfy(label -> assertThat(document).contains("`" + label + "`"));
    assertThat(ResponseFlag.values())
        .allSatisfy(flag -> assertThat(document).contains("| `" + flag + "` |"));
  }

  private static boolean hasAll(String line, String... parts) {
    return Arrays.stream(parts).allMatch(line::contains);
  }

  private List<String> scraped() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, registry.scrape());
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
