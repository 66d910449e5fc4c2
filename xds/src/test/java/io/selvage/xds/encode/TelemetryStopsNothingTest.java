package io.selvage.xds.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Endpoint;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import io.selvage.xds.resource.ClusterLoadAssignment.Workload;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Names for metrics and formats of logs are users' words: none of them may hold policies up. */
final class TelemetryStopsNothingTest {
  private static LbEndpoint endpoint(String canonicalService) {
    var workload = new Workload("w", "n", canonicalService, "v1", "east");
    var endpoint = new Endpoint("10.0.0.1", 80, 1, true, Map.of(), workload);
    return EndpointsEncoder.encode(
            new ClusterLoadAssignment(
                "c", List.of(new Locality("r", "z", 0, 1, List.of(endpoint)))))
        .getEndpoints(0)
        .getLbEndpoints(0);
  }

  @Test
  void anEndpointWithASeparatorInItsNamesHasNone() {
    assertThat(endpoint("app").getMetadata().getFilterMetadataMap().toString())
        .contains("w;n;app;v1;east");
    assertThat(endpoint("a;b").getMetadata().getFilterMetadataMap()).doesNotContainKey("istio");
    assertThat(endpoint("a;b").getEndpoint().getAddress().getSocketAddress().getAddress())
        .isEqualTo("10.0.0.1");
  }

  @Test
  void aFormatThatIsNoObjectIsAsNone() throws Exception {
    assertThat(format("no object")).isEqualTo(format(""));
    assertThat(format("{\"a\": \"%PROTOCOL%\"}")).contains("PROTOCOL");
  }

  private static String format(String text) throws Exception {
    return AccessLogEncoder.encode(new AccessLog("/dev/stdout", AccessLog.Encoding.JSON, text))
        .getTypedConfig()
        .unpack(FileAccessLog.class)
        .getLogFormat()
        .getJsonFormat()
        .toString();
  }
}
