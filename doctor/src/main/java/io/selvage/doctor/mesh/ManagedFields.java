package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Who wrote which field of an object, as the API server keeps it in {@code managedFields}. */
public final class ManagedFields {
  private ManagedFields() {}

  /**
   * Who wrote a field last.
   *
   * @param manager such as {@code argocd-controller}
   * @param when as the API server has it; empty when it does not say
   */
  public record Writer(String manager, Optional<Instant> when) {
    /** {@code argocd-controller at 2026-11-26T09:44:00Z}. */
    @Override
    public String toString() {
      return manager + when.map(at -> " at " + at).orElse("");
    }
  }

  /**
   * Of all who own the field, the one that wrote last.
   *
   * @param path as {@code fieldsV1} spells it, such as {@code f:webhooks}, {@code
   *     k:{"name":"x.io"}}, {@code f:clientConfig}, {@code f:caBundle}
   */
  public static Optional<Writer> lastOf(ApiObject object, List<String> path) {
    return object
        .at("/metadata/managedFields")
        .valueStream()
        .filter(entry -> owns(entry.path("fieldsV1"), path))
        .map(entry -> new Writer(entry.path("manager").asString("unknown"), time(entry)))
        .max(Comparator.comparing(writer -> writer.when().orElse(Instant.EPOCH)));
  }

  /** Of a webhook's {@code caBundle}. */
  public static Optional<Writer> ofBundle(MeshWebhook webhook) {
    return lastOf(
        webhook.configuration(),
        List.of(
            "f:webhooks",
            "k:{\"name\":\"" + webhook.name() + "\"}",
            "f:clientConfig",
            "f:caBundle"));
  }

  /** Of a key of a ConfigMap's or Secret's {@code data}. */
  public static Optional<Writer> ofData(ApiObject object, String key) {
    return lastOf(object, List.of("f:data", "f:" + key));
  }

  private static boolean owns(JsonNode fields, List<String> path) {
    JsonNode at = fields;
    for (String step : path) {
      at = at.path(step);
    }
    return !at.isMissingNode();
  }

  private static Optional<Instant> time(JsonNode entry) {
    try {
      return Optional.of(Instant.parse(entry.path("time").asString("")));
    } catch (DateTimeParseException unknown) {
      return Optional.empty();
    }
  }
}
