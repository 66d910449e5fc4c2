package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Who is meant by labels, and who runs. */
final class Selecting {
  private Selecting() {}

  static Map<String, String> labels(JsonNode node) {
    Map<String, String> all = new LinkedHashMap<>();
    node.properties().forEach(entry -> all.put(entry.getKey(), entry.getValue().asString("")));
    return all;
  }

  static boolean matches(Map<String, String> selector, Map<String, String> labels) {
    return labels.entrySet().containsAll(selector.entrySet());
  }

  /** Runs, and is not about to end. */
  static boolean isRunning(ApiObject pod) {
    return pod.text("/status/phase").equals("Running")
        && pod.at("/metadata/deletionTimestamp").isMissingNode();
  }

  /** Whether Kubernetes takes it for ready. */
  static boolean isReady(ApiObject pod) {
    for (JsonNode condition : pod.at("/status/conditions")) {
      if (condition.path("type").asString("").equals("Ready")) {
        return condition.path("status").asString("").equals("True");
      }
    }
    return false;
  }
}
