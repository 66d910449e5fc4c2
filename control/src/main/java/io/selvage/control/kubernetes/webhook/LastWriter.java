package io.selvage.control.kubernetes.webhook;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Who wrote an object last, as the API server keeps it in {@code metadata.managedFields}. */
final class LastWriter {
  private LastWriter() {}

  private record Writer(String name, String operation, String time, boolean ownsBundle) {
    String words() {
      return name + (operation.isEmpty() ? "" : " (" + operation + ")");
    }
  }

  /**
   * Whoever owns the {@code caBundle} of a webhook; where nobody does, whoever wrote the object
   * last.
   *
   * @param ours the field manager that isn't meant
   * @return empty when nobody else ever wrote it
   */
  static Optional<String> of(JsonNode object, String webhook, String ours) {
    List<Writer> others = new ArrayList<>();
    for (JsonNode entry : object.path("metadata").path("managedFields")) {
      String name = entry.path("manager").asString("");
      if (!name.equals(ours)) {
        others.add(
            new Writer(
                name,
                entry.path("operation").asString(""),
                entry.path("time").asString(""),
                ownsBundle(entry, webhook)));
      }
    }
    return others.stream()
        .max(Comparator.comparing(Writer::ownsBundle).thenComparing(Writer::time))
        .map(Writer::words);
  }

  /** Whether nobody but {@code ours} wrote the {@code caBundle} that a webhook has. */
  static boolean isOnly(JsonNode object, String webhook, String ours) {
    boolean found = false;
    for (JsonNode entry : object.path("metadata").path("managedFields")) {
      if (ownsBundle(entry, webhook)) {
        if (!entry.path("manager").asString("").equals(ours)) {
          return false;
        }
        found = true;
      }
    }
    return found;
  }

  private static boolean ownsBundle(JsonNode entry, String webhook) {
    return entry
        .path("fieldsV1")
        .path("f:webhooks")
        .path("k:{\"name\":\"" + webhook + "\"}")
        .path("f:clientConfig")
        .has("f:caBundle");
  }
}
