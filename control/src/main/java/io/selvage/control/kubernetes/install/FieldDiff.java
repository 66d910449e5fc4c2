package io.selvage.control.kubernetes.install;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A field that differs between two forms of an object.
 *
 * @param path such as {@code spec.template.spec.containers[control].image}
 * @param before as JSON; empty when the field was not there
 * @param after as JSON; empty when the field goes
 */
public record FieldDiff(String path, Optional<String> before, Optional<String> after) {
  /** What the API server keeps for itself. */
  private static final List<String> SERVERS =
      List.of("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp");

  /** All fields that differ, but for those that the API server and controllers write. */
  static List<FieldDiff> between(ObjectNode before, ObjectNode after) {
    List<FieldDiff> found = new ArrayList<>();
    compare("", meant(before), meant(after), found);
    return List.copyOf(found);
  }

  private static ObjectNode meant(ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    copy.remove("status");
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVERS);
    }
    return copy;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<FieldDiff> found) {
    if (before.equals(after)) {
      return;
    }
    Map<String, JsonNode> old = parts(before);
    Map<String, JsonNode> fresh = parts(after);
    if (old.isEmpty() || fresh.isEmpty()) {
      found.add(new FieldDiff(path, text(before), text(after)));
      return;
    }
    Set<String> names = new LinkedHashSet<>(old.keySet());
    names.addAll(fresh.keySet());
    JsonNode none = before.path(""); // a missing node
    for (String name : names) {
      compare(
          name.startsWith("[") || path.isEmpty() ? path + name : path + "." + name,
          old.getOrDefault(name, none),
          fresh.getOrDefault(name, none),
          found);
    }
  }

  private static Optional<String> text(JsonNode value) {
    return value.isMissingNode() ? Optional.empty() : Optional.of(value.toString());
  }

  /** Fields by name, elements by their own name if all have one, else by place. */
  private static Map<String, JsonNode> parts(JsonNode value) {
    Map<String, JsonNode> parts = new LinkedHashMap<>();
    if (value.isObject()) {
      value.properties().forEach(field -> parts.put(field.getKey(), field.getValue()));
    } else if (value.isArray() && value.size() > 0 && value.path(0).isObject()) {
      for (int i = 0; i < value.size(); i++) {
        parts.put(
            "[" + value.path(i).path("name").asString(String.valueOf(i)) + "]", value.path(i));
      }
    }
    return parts;
  }

  /** On one line. */
  @Override
  public String toString() {
    return "%s: %s -> %s".formatted(path, before.orElse("nothing"), after.orElse("nothing"));
  }
}
