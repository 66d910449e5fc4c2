package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How it stands with the other clusters that a control plane reads. Istiod's figure of it goes on
 * saying {@code timeout} of a cluster whose Secret was mended; its page {@code /debug/clusterz}
 * does not, and takes the figure's place where it can be read.
 */
final class RemoteStatus {
  /** By {@code cluster}, {@code cluster_type} and {@code status}. */
  private static final String NAME = "istiod_remote_cluster_sync_status";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RemoteStatus() {}

  /**
   * A control plane's metrics with what it says of other clusters.
   *
   * @param page the body of {@code /debug/clusterz}
   */
  static List<Metric> corrected(List<Metric> metrics, String pod, Look<String> page) {
    return page.found().map(body -> corrected(metrics, pod, body)).orElse(metrics);
  }

  private static List<Metric> corrected(List<Metric> metrics, String pod, String body) {
    JsonNode clusters;
    try {
      clusters = JSON.readTree(body);
    } catch (JacksonException e) {
      return metrics;
    }
    List<Metric> all = new ArrayList<>(metrics);
    all.removeIf(sample -> sample.name().equals(NAME));
    for (JsonNode cluster : clusters) {
      all.add(
          new Metric(
              pod,
              NAME,
              Map.of(
                  "cluster",
                  cluster.path("id").asString(""),
                  "status",
                  cluster.path("syncStatus").asString("")),
              1));
    }
    return List.copyOf(all);
  }
}
