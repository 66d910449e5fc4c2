package io.selvage.control.kubernetes.inject;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code resources} of the sidecar: as annotated, or the defaults where nothing is. Istio's rule:
 * one annotation takes the place of all defaults.
 */
final class SidecarResources {
  private static final String DEFAULTS =
      """
      {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "2", "memory": "1Gi"}}
      """;

  private SidecarResources() {}

  static ObjectNode read(AnnotationReader from) {
    ObjectNode all = PodJson.object();
    put(all, "requests", "cpu", from.quantity(Annotation.CPU));
    put(all, "requests", "memory", from.quantity(Annotation.MEMORY));
    put(all, "limits", "cpu", from.quantity(Annotation.CPU_LIMIT));
    put(all, "limits", "memory", from.quantity(Annotation.MEMORY_LIMIT));
    return all.isEmpty() ? PodJson.parse(DEFAULTS) : all;
  }

  private static void put(ObjectNode all, String which, String what, Optional<String> quantity) {
    quantity.ifPresent(text -> PodJson.objectAt(all, which).put(what, text));
  }
}
