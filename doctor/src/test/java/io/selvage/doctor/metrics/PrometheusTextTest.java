package io.selvage.doctor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Metric;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
  private static final String PAGE =
      """
      # HELP webhook_patch_failures_total Webhook patch total failures
      # TYPE webhook_patch_failures_total counter
      webhook_patch_failures_total{name="istio-sidecar-injector",reason="a \\"b\\" {c}"} 3
      pilot_xds 2
      pilot_push_bucket{le="+Inf"} 7
      process_start 1.7e+09 1700000000000
      odd NaN
      not a sample at all
      """;

  @Test
  void samplesAreReadWithTheirLabelsAndBucketsAreNot() {
    assertThat(PrometheusText.read("istiod-1", PAGE, _ -> true))
        .contains(
            new Metric(
                "istiod-1",
                "webhook_patch_failures_total",
                Map.of("name", "istio-sidecar-injector", "reason", "a \"b\" {c}"),
                3),
            new Metric("istiod-1", "pilot_xds", Map.of(), 2),
            new Metric("istiod-1", "process_start", Map.of(), 1.7e9))
        .extracting(Metric::name)
        .containsExactly("webhook_patch_failures_total", "pilot_xds", "process_start", "odd");
  }

  @Test
  void onlyWantedNamesAreRead() {
    assertThat(PrometheusText.read("p", PAGE, "pilot_xds"::equals)).hasSize(1);
  }
}
