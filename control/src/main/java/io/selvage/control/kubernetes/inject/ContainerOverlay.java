package io.selvage.control.kubernetes.inject;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A container that a user wrote laid over the injected one of that name, by the rules of
 * Kubernetes' strategic merge patch for {@code core/v1 Container}: mappings are merged, lists whose
 * elements have a merge key by that key, other lists and values are replaced.
 */
final class ContainerOverlay {
  /** An image that only stands there because the field is required. */
  private static final String AUTO = "auto";

  private static final String PULL_POLICY = "imagePullPolicy";

  private static final Map<String, List<String>> MERGE_KEYS =
      Map.of(
          "env", List.of("name"),
          "ports", List.of("containerPort", "protocol"),
          "volumeMounts", List.of("mountPath"),
          "volumeDevices", List.of("devicePath"),
          "resizePolicy", List.of("resourceName"));

  private ContainerOverlay() {}

  static ObjectNode over(ObjectNode injected, ObjectNode written) {
    ObjectNode overlay = written.deepCopy();
    if (!hasOwnImage(written)) {
      overlay.remove("image");
      // the API server's default for an image called auto:latest, nobody's wish
      overlay.remove(PULL_POLICY);
    }
    ObjectNode merged = injected.deepCopy();
    merge(merged, overlay);
    return merged;
  }

  /** Whether the user's container brings an image in which a Selvage can be. */
  private static boolean hasOwnImage(ObjectNode written) {
    String image = PodJson.text(written.path("image")).orElse(AUTO);
    return !image.equals(AUTO) && !EnvoyImage.is(image);
  }

  private static void merge(ObjectNode onto, ObjectNode from) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      JsonNode before = onto.path(field.getKey());
      JsonNode value = field.getValue();
      List<String> keys = MERGE_KEYS.get(field.getKey());
      if (before instanceof ObjectNode mapping && value instanceof ObjectNode more) {
        merge(mapping, more);
      } else if (keys != null
          && before instanceof ArrayNode list
          && value instanceof ArrayNode more) {
        merge(list, more, keys);
      } else if (!value.isNull()) {
        onto.set(field.getKey(), value);
      }
    }
  }

  private static void merge(ArrayNode onto, ArrayNode from, List<String> keys) {
    Function<JsonNode, String> key =
        element ->
            keys.stream()
                .map(name -> element.path(name).asString("TCP"))
                .collect(Collectors.joining(" "));
    for (JsonNode element : from) {
      int at = 0;
      while (at < onto.size() && !key.apply(onto.get(at)).equals(key.apply(element))) {
        at++;
      }
      if (at == onto.size()) {
        onto.add(element);
      } else if (keys.equals(MERGE_KEYS.get("env"))) {
        onto.set(at, element); // value and valueFrom exclude each other
      } else if (onto.get(at) instanceof ObjectNode mapping && element instanceof ObjectNode more) {
        merge(mapping, more);
      }
    }
  }
}
