package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.view.Written;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Who wrote which field of an object, as the API server keeps it in {@code managedFields}. */
public final class ManagedFields {
  private ManagedFields() {}

  /**
   * Of all who own the field, the one that wrote last.
   *
   * @param path as {@code fieldsV1} spells it, such as {@code f:webhooks}, {@code
   *     k:{"name":"x.io"}}, {@code f:clientConfig}, {@code f:caBundle}
   */
  public static Optional<Written> lastOf(ApiObject object, List<String> path) {
    return object
        .at("/metadata/managedFields")
        .valueStream()
        .filter(entry -> owns(entry.path("fieldsV1"), path))
        .map(
            entry ->
                new Written(
                    Written.instant(entry.path("time").asString("")).orElse(Instant.EPOCH),
                    entry.path("manager").asString("unknown")))
        .max(Comparator.comparing(Written::at));
  }

  /** Of a webhook's {@code caBundle}. */
  public static Optional<Written> ofBundle(MeshWebhook webhook) {
    return lastOf(
        webhook.configuration(),
        List.of(
            "f:webhooks",
            "k:{\"name\":\"" + webhook.name() + "\"}",
            "f:clientConfig",
            "f:caBundle"));
  }

  /** Of a key of a ConfigMap's or Secret's {@code data}. */
  public static Optional<Written> ofData(ApiObject object, String key) {
    return lastOf(object, List.of("f:data", "f:" + key));
  }

  private static boolean owns(JsonNode fields, List<String> path) {
    JsonNode at = fields;
    for (String step : path) {
      at = at.path(step);
    }
    return !at.isMissingNode();
  }
}
