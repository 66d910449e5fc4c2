package io.selvage.control.kubernetes.webhook;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an {@code AdmissionReview} and writes its answer. What is no review gets an HTTP error,
 * upon which the API server does as the webhook's {@code failurePolicy} says; a review that cannot
 * be judged is refused whatever that says.
 */
final class AdmissionReview {
  private static final Logger LOG = LoggerFactory.getLogger(AdmissionReview.class);

  private static final String VERSION = "admission.k8s.io/v1";
  private static final String KIND = "AdmissionReview";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** An HTTP answer. */
  record Answer(int status, String type, String text) {
    private static Answer malformed(String why) {
      return new Answer(400, "text/plain; charset=utf-8", why + "\n");
    }
  }

  private AdmissionReview() {}

  /** Has {@code admission} judge what a body asks about. */
  static Answer judge(byte[] body, Admission admission) {
    JsonNode review;
    try {
      review = JSON.readTree(body);
    } catch (JacksonException e) {
      return Answer.malformed("no review: " + e.getOriginalMessage());
    }
    if (!(review instanceof ObjectNode)
        || !review.path("apiVersion").asString("").equals(VERSION)
        || !review.path("kind").asString("").equals(KIND)) {
      return Answer.malformed("no " + KIND + " of " + VERSION);
    }
    String uid = review.path("request").path("uid").asString("");
    if (uid.isEmpty() || !(review.path("request") instanceof ObjectNode request)) {
      return Answer.malformed("the review has no request with a uid");
    }
    ObjectNode response = response(request, admission).put("uid", uid);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("apiVersion", VERSION).put("kind", KIND).set("response", response);
    return new Answer(200, "application/json", JSON.writeValueAsString(answer));
  }

  private static ObjectNode response(ObjectNode request, Admission admission) {
    try {
      return admission.review(request);
    } catch (RuntimeException e) {
      LOG.error(
          "SLV7231 the review of {} {}/{} fails, and the object is refused",
          request.path("kind").path("kind").asString(""),
          request.path("namespace").asString(""),
          request.path("name").asString(""),
          e);
      return AdmissionResponse.refused(
          500,
          "InternalError",
          "SLV7231 selvage cannot judge this object, so it is refused; its log says why",
          List.of());
    }
  }
}
