package io.selvage.control.kubernetes.webhook;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Refuses a ConfigMap of demands ({@link DemandsMap}) that isn't understood whole: a gate that
 * lacks one of them would look as if it held. Every other ConfigMap passes.
 */
final class DemandsAdmission implements Admission {
  private static final int UNPROCESSABLE = 422;

  private final ChangeReview review;

  /**
   * @param review knows how demands are read, and which hold
   */
  DemandsAdmission(ChangeReview review) {
    this.review = review;
  }

  /** Whether a review is about the ConfigMap of demands. */
  static boolean isAbout(ObjectNode request) {
    String operation = request.path("operation").asString("");
    return request.path("kind").path("group").asString("").isEmpty()
        && request.path("kind").path("kind").asString("").equals("ConfigMap")
        && request.path("name").asString("").equals(DemandsMap.NAME)
        && request.path("subResource").asString("").isEmpty()
        && (operation.equals("CREATE") || operation.equals("UPDATE"));
  }

  @Override
  public ObjectNode review(ObjectNode request) {
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : request.path("object").path("data").properties()) {
      texts.put(entry.getKey(), entry.getValue().asString(""));
    }
    ChangeReview.Opinion opinion = review.of(new ChangeReview.Change.Demanded(texts));
    return opinion
        .refusal()
        .map(why -> AdmissionResponse.refused(UNPROCESSABLE, "Invalid", why, opinion.warnings()))
        .orElseGet(() -> AdmissionResponse.allowed(opinion.warnings()));
  }
}
