package io.selvage.control.kubernetes.webhook;

import io.selvage.control.kubernetes.source.ProblemWords;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.control.kubernetes.source.WatchedKind;
import io.selvage.control.kubernetes.webhook.ChangeReview.Change;
import io.selvage.model.Problem;
import io.selvage.model.Problem.Severity;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Refuses what the strict reader refuses, in its words, before it is stored; what it warns of, it
 * warns of here. What is good by itself is shown to a {@link ChangeReview}, and so is what a user
 * deletes, since a DENY that goes away opens doors. What is none of Istio's kinds passes.
 */
public final class ValidationAdmission implements Admission {
  private static final int UNPROCESSABLE = 422;
  private static final int FORBIDDEN = 403;

  private static final Set<String> OPERATIONS = Set.of("CREATE", "UPDATE", "DELETE");

  /** Who deletes what has nothing left to be about: they must be let. */
  private static final Set<String> CLEANERS =
      Set.of(
          "system:serviceaccount:kube-system:namespace-controller",
          "system:serviceaccount:kube-system:generic-garbage-collector");

  private final ChangeReview review;
  private final Revisions revisions;

  /** One that judges each object by itself. */
  public ValidationAdmission() {
    this(ChangeReview.NONE, Revisions.EVERY);
  }

  /**
   * @param review asked about what is good by itself
   * @param revisions which objects are judged; of the others, their own control planes judge
   */
  public ValidationAdmission(ChangeReview review, Revisions revisions) {
    this.review = review;
    this.revisions = revisions;
  }

  @Override
  public ObjectNode review(ObjectNode request) {
    if (DemandsAdmission.isAbout(request)) {
      return new DemandsAdmission(review).review(request);
    }
    if (!isJudged(request)) {
      return AdmissionResponse.allowed(List.of());
    }
    if (request.path("operation").asString("").equals("DELETE")) {
      return removed(request, List.of());
    }
    if (!(request.path("object") instanceof ObjectNode object)) {
      return AdmissionResponse.refused(
          400, "BadRequest", "SLV7230 the review holds no object", List.of());
    }
    if (object.path("metadata").has("deletionTimestamp")
        && said(object).equals(said(request.path("oldObject")))) {
      // It is on its way out: who takes its finalizers off must be let.
      return AdmissionResponse.allowed(List.of());
    }
    Optional<Problem> elsewhere = elsewhere(request, object);
    if (elsewhere.isPresent()) {
      // What was in force here goes, as if it were deleted.
      return removed(request, List.of(ProblemWords.of(elsewhere.get())));
    }
    return judged(read(request, object));
  }

  private Optional<Problem> elsewhere(ObjectNode request, JsonNode object) {
    JsonNode label = object.path("metadata").path("labels").path(Revisions.LABEL);
    return label.isString()
        ? revisions.elsewhere(source(request), Map.of(Revisions.LABEL, label.asString()))
        : Optional.empty();
  }

  /**
   * What an object says by itself: all but its status and what controllers keep in its metadata,
   * whose own labels and annotations may go together with their finalizers.
   */
  private static JsonNode said(JsonNode object) {
    if (!(object.deepCopy() instanceof ObjectNode whole)) {
      return object;
    }
    whole.remove("status");
    if (whole.path("metadata") instanceof ObjectNode metadata) {
      metadata.retain("labels", "annotations");
      for (String part : List.of("labels", "annotations")) {
        if (metadata.path(part) instanceof ObjectNode values) {
          values.retain(
              values.propertyNames().stream().filter(ValidationAdmission::isIstios).toList());
        }
      }
      metadata.removeIf(JsonNode::isEmpty);
    }
    return whole;
  }

  private static boolean isIstios(String name) {
    return name.contains("istio.io/");
  }

  private static ReadResult read(ObjectNode request, ObjectNode object) {
    ObjectNode whole = object.deepCopy();
    if (whole.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
      // The API server knows the namespace of an object that doesn't say it.
      if (!metadata.has("namespace") && request.hasNonNull("namespace")) {
        metadata.put("namespace", request.path("namespace").asString());
      }
    }
    return ResourceReader.readObject(source(request), whole.toString());
  }

  /** What could not be read was never in force, nor was another's, and may go. */
  private ObjectNode removed(ObjectNode request, List<String> warnings) {
    if (!(request.path("oldObject") instanceof ObjectNode object)
        || elsewhere(request, object).isPresent()
        || CLEANERS.contains(request.path("userInfo").path("username").asString(""))) {
      return AdmissionResponse.allowed(warnings);
    }
    ReadResult read = read(request, object);
    return read.hasErrors()
        ? AdmissionResponse.allowed(warnings)
        : reviewed(read.resources().stream().<Change>map(Change.Removed::new).toList(), warnings);
  }

  private static boolean isJudged(ObjectNode request) {
    String operation = request.path("operation").asString("");
    return OPERATIONS.contains(operation)
        && request.path("subResource").asString("").isEmpty()
        && WatchedKind.isCustom(
            request.path("kind").path("group").asString(""),
            request.path("kind").path("kind").asString(""));
  }

  private static String source(ObjectNode request) {
    String name = request.path("name").asString("");
    return "%s %s/%s"
        .formatted(
            request.path("kind").path("kind").asString(""),
            request.path("namespace").asString(""),
            name.isEmpty()
                ? request.path("object").path("metadata").path("generateName").asString("")
                : name);
  }

  private ObjectNode judged(ReadResult read) {
    List<String> warnings =
        read.problems().stream()
            .filter(problem -> problem.severity() != Severity.ERROR)
            .map(ProblemWords::of)
            .toList();
    if (read.refused().isEmpty() && !read.hasErrors()) {
      return reviewed(read.resources().stream().<Change>map(Change.Stored::new).toList(), warnings);
    }
    String message =
        read.problems().stream()
            .filter(Problem::isError)
            .map(ProblemWords::of)
            .collect(Collectors.joining("; "));
    return AdmissionResponse.refused(UNPROCESSABLE, "Invalid", message, warnings);
  }

  private ObjectNode reviewed(List<Change> changes, List<String> warnings) {
    List<String> all = new ArrayList<>(warnings);
    for (Change change : changes) {
      ChangeReview.Opinion opinion = review.of(change);
      all.addAll(opinion.warnings());
      if (opinion.refusal().isPresent()) {
        return AdmissionResponse.refused(FORBIDDEN, "Forbidden", opinion.refusal().get(), all);
      }
    }
    return AdmissionResponse.allowed(all);
  }
}
