package io.selvage.control.kubernetes.webhook;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The {@code response} of an admission review, without its {@code uid}. */
public final class AdmissionResponse {
  /** The API server passes on no more than 4096 characters of warnings. */
  private static final int MOST_WARNINGS = 16;

  private AdmissionResponse() {}

  /**
   * The object may be stored as it is.
   *
   * @param warnings shown to whoever sent it
   */
  public static ObjectNode allowed(List<String> warnings) {
    return response(true, warnings);
  }

  /**
   * The object may be stored once it is changed.
   *
   * @param patch a JSON Patch (RFC 6902)
   * @param warnings shown to whoever sent it
   */
  public static ObjectNode patched(JsonNode patch, List<String> warnings) {
    ObjectNode response = response(true, warnings);
    response.put("patchType", "JSONPatch");
    response.put(
        "patch",
        Base64.getEncoder().encodeToString(patch.toString().getBytes(StandardCharsets.UTF_8)));
    return response;
  }

  /**
   * The object is refused.
   *
   * @param code the HTTP status that its sender sees
   * @param reason as in {@code metav1.Status}, such as {@code Invalid}
   * @param message what is wrong with it
   * @param warnings shown beside it
   */
  public static ObjectNode refused(int code, String reason, String message, List<String> warnings) {
    ObjectNode response = response(false, warnings);
    response
        .putObject("status")
        .put("status", "Failure")
        .put("code", code)
        .put("reason", reason)
        .put("message", message);
    return response;
  }

  private static ObjectNode response(boolean allowed, List<String> warnings) {
    ObjectNode response = JsonNodeFactory.instance.objectNode().put("allowed", allowed);
    if (!warnings.isEmpty()) {
      var all = response.putArray("warnings");
      warnings.stream().limit(MOST_WARNINGS).forEach(all::add);
    }
    return response;
  }
}
