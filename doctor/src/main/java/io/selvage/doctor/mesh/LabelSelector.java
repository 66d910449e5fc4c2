package io.selvage.doctor.mesh;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Kubernetes' label selector, {@code matchLabels} and {@code matchExpressions}: all of both must
 * hold, and one without either selects everything.
 */
public record LabelSelector(JsonNode json) {
  /** Whether it selects what has these labels; an operator that is not known selects nothing. */
  public boolean matches(Map<String, String> labels) {
    boolean equal =
        json.path("matchLabels").properties().stream()
            .allMatch(entry -> entry.getValue().asString("").equals(labels.get(entry.getKey())));
    return equal && json.path("matchExpressions").valueStream().allMatch(one -> holds(one, labels));
  }

  private static boolean holds(JsonNode expression, Map<String, String> labels) {
    String value = labels.get(expression.path("key").asString(""));
    List<String> values =
        expression.path("values").valueStream().map(one -> one.asString("")).toList();
    return switch (expression.path("operator").asString("")) {
      case "In" -> value != null && values.contains(value);
      case "NotIn" -> value == null || !values.contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
