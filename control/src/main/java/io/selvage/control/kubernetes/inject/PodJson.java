package io.selvage.control.kubernetes.inject;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Ways into a Pod's (or Pod template's) JSON. */
final class PodJson {
  static final String PROXY = "istio-proxy";
  static final String INIT = "istio-init";
  static final String CONTAINERS = "containers";
  static final String INIT_CONTAINERS = "initContainers";

  private PodJson() {}

  static ObjectNode parse(String json) {
    return (ObjectNode) JsonMapper.shared().readTree(json);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** {@code metadata.labels} or {@code metadata.annotations}, what is no text left out. */
  static Map<String, String> texts(JsonNode pod, String field) {
    Map<String, String> all = new TreeMap<>();
    pod.path("metadata")
        .path(field)
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isString()) {
                all.put(entry.getKey(), entry.getValue().stringValue());
              }
            });
    return all;
  }

  static Map<String, String> labels(JsonNode pod) {
    return texts(pod, "labels");
  }

  static Map<String, String> annotations(JsonNode pod) {
    return texts(pod, "annotations");
  }

  static Optional<String> text(JsonNode node) {
    return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
  }

  static Stream<JsonNode> containers(JsonNode pod, String which) {
    return pod.path("spec").path(which).values().stream();
  }

  static String name(JsonNode container) {
    return text(container.path("name")).orElse("");
  }

  static Optional<ObjectNode> container(JsonNode pod, String which, String name) {
    return containers(pod, which)
        .filter(ObjectNode.class::isInstance)
        .map(ObjectNode.class::cast)
        .filter(container -> name(container).equals(name))
        .findFirst();
  }

  /** The object there, made where it is missing or null. */
  static ObjectNode objectAt(ObjectNode parent, String field) {
    if (parent.get(field) instanceof ObjectNode there) {
      return there;
    }
    return parent.putObject(field);
  }

  /** The array there, made where it is missing or null. */
  static ArrayNode arrayAt(ObjectNode parent, String field) {
    if (parent.get(field) instanceof ArrayNode there) {
      return there;
    }
    return parent.putArray(field);
  }
}
