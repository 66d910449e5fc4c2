package io.selvage.control.kubernetes.install;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where the control plane's Pods are to run, and what is written on them: settings that go into the
 * Deployment as they are.
 */
final class PodSettings {
  private PodSettings() {}

  /** Puts them in. */
  static void put(InstallSettings settings, ObjectNode deployment) {
    ObjectNode pod = deployment.withObject("/spec/template/spec");
    Map.of(
            Setting.NODE_SELECTOR, "nodeSelector",
            Setting.TOLERATIONS, "tolerations",
            Setting.AFFINITY, "affinity",
            Setting.TOPOLOGY_SPREAD_CONSTRAINTS, "topologySpreadConstraints")
        .forEach((setting, field) -> settings.filled(setting).ifPresent(v -> pod.set(field, v)));
    String priority = settings.text(Setting.PRIORITY_CLASS_NAME);
    if (!priority.isEmpty()) {
      pod.put("priorityClassName", priority);
    }
    ObjectNode metadata = deployment.withObject("/spec/template/metadata");
    settings
        .get(Setting.POD_ANNOTATIONS)
        .properties()
        .forEach(each -> metadata.withObject("/annotations").set(each.getKey(), each.getValue()));
    settings
        .get(Setting.POD_LABELS)
        .properties()
        .forEach(each -> unlessOurs(metadata.withObject("/labels"), each));
  }

  /** By ours the Deployment and the Service know the Pod, and injectors leave it alone. */
  private static void unlessOurs(ObjectNode labels, Map.Entry<String, JsonNode> label) {
    if (!labels.has(label.getKey())) {
      labels.set(label.getKey(), label.getValue());
    }
  }
}
