package io.selvage.doctor.kubernetes.probe;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The labels without which a control plane passes a namespace over: MeshConfig's {@code
 * discoverySelectors}. A private namespace that it does not know would show nothing of the mesh.
 */
final class Discovery {
  private Discovery() {}

  /** Of a mesh; none when all namespaces are known, or the settings cannot be read. */
  static Map<String, String> labels(ClusterEvidence seen, Flavour flavour) {
    return seen.objects().all(Kind.CONFIG_MAP).stream()
        .filter(map -> map.namespace().equals(flavour.namespace()))
        .filter(map -> map.name().equals("istio") || map.name().startsWith("istio-"))
        .map(Discovery::labels)
        .filter(labels -> !labels.isEmpty())
        .findFirst()
        .orElse(Map.of());
  }

  /** What the first selector wants: one is enough. */
  private static Map<String, String> labels(ApiObject map) {
    Map<String, String> labels = new HashMap<>();
    try {
      if (new Load(LoadSettings.builder().build()).loadFromString(map.text("/data/mesh"))
              instanceof Map<?, ?> mesh
          && mesh.get("discoverySelectors") instanceof List<?> selectors
          && !selectors.isEmpty()
          && selectors.getFirst() instanceof Map<?, ?> selector) {
        if (selector.get("matchLabels") instanceof Map<?, ?> wanted) {
          wanted.forEach((name, value) -> labels.put(name.toString(), value.toString()));
        }
        if (selector.get("matchExpressions") instanceof List<?> expressions) {
          expressions.forEach(expression -> satisfy(expression, labels));
        }
      }
    } catch (YamlEngineException e) {
      return Map.of(); // the control plane cannot read it either; a check says so
    }
    return labels;
  }

  private static void satisfy(Object expression, Map<String, String> labels) {
    if (expression instanceof Map<?, ?> fields && fields.get("key") instanceof String key) {
      switch (String.valueOf(fields.get("operator"))) {
        case "In" -> {
          if (fields.get("values") instanceof List<?> values && !values.isEmpty()) {
            labels.put(key, values.getFirst().toString());
          }
        }
        case "Exists" -> labels.put(key, "true");
        default -> {} // without the label is as it should be
      }
    }
  }
}
