package io.selvage.doctor.fix;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What differs between two forms of an object, but for what the API server and controllers write.
 *
 * @param path JSON pointer (RFC 6901)
 * @param before empty when it was not there
 * @param after empty when it goes
 */
record Difference(String path, Optional<JsonNode> before, Optional<JsonNode> after) {
  private static final Set<String> SERVERS =
      Set.of(
          "/metadata/managedFields",
          "/metadata/resourceVersion",
          "/metadata/generation",
          "/metadata/uid",
          "/metadata/creationTimestamp",
          "/status");
  private static final int SHOWN = 90;

  /** All of them, in the order of the fields. */
  static List<Difference> between(JsonNode before, JsonNode after) {
    List<Difference> found = new ArrayList<>();
    compare("", before, after, found);
    return List.copyOf(found);
  }

  private static void compare(
      String path, JsonNode before, JsonNode after, List<Difference> found) {
    if (SERVERS.contains(path) || before.equals(after)) {
      return;
    }
    if (before instanceof ObjectNode old && after instanceof ObjectNode fresh) {
      Set<String> names = new LinkedHashSet<>(old.propertyNames());
      names.addAll(fresh.propertyNames());
      for (String name : names) {
        compare(path + "/" + escaped(name), old.path(name), fresh.path(name), found);
      }
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "/" + i, before.path(i), after.path(i), found);
      }
    } else {
      found.add(new Difference(path, there(before), there(after)));
    }
  }

  private static Optional<JsonNode> there(JsonNode value) {
    return value.isMissingNode() ? Optional.empty() : Optional.of(value);
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  /** RFC 6902: from {@code after} back to {@code before}, refused where it is no longer so. */
  static ArrayNode back(List<Difference> differences) {
    ArrayNode patch = JsonMapper.shared().createArrayNode();
    for (Difference each : differences) {
      each.after.ifPresent(value -> operation(patch, "test", each.path).set("value", value));
      if (each.before.isPresent()) {
        operation(patch, "add", each.path).set("value", each.before.get());
      } else {
        operation(patch, "remove", each.path);
      }
    }
    return patch;
  }

  private static ObjectNode operation(ArrayNode patch, String name, String path) {
    return patch.addObject().put("op", name).put("path", path);
  }

  /** As the user reads it: a line that goes, and one that comes. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    before.ifPresent(value -> lines.add("- " + path + ": " + shown(value)));
    after.ifPresent(value -> lines.add("+ " + path + ": " + shown(value)));
    return lines;
  }

  /** One line of it; what is long is cut where both its ends can still be seen. */
  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= SHOWN
        ? text
        : "%s…%s (%d characters)"
            .formatted(
                text.substring(0, SHOWN / 2),
                text.substring(text.length() - SHOWN / 4),
                text.length());
  }
}
