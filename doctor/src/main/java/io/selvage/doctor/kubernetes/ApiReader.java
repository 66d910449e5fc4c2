package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.kubernetes.ClusterApi.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads JSON of an API server; what cannot be seen says why, and which right is missing. */
final class ApiReader {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PAGE = 1_000;
  private static final int MOST_PAGES = 50;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  private final ClusterApi api;

  ApiReader(ClusterApi api) {
    this.api = api;
  }

  ClusterApi api() {
    return api;
  }

  /** One document. */
  Look<JsonNode> document(String path, Right right) {
    try {
      Answer answer = api.get(path);
      return answer.isGood() ? Look.seen(JSON.readTree(answer.body())) : refused(answer, right);
    } catch (IOException | JacksonException e) {
      return Look.unseen("GET %s: %s".formatted(path, message(e)));
    }
  }

  /**
   * The items of a list, page after page. A list that is not served is empty: without a resource
   * definition there are no resources.
   *
   * @param path without query
   * @param query more of it, such as {@code &fieldSelector=…}
   */
  Look<List<ObjectNode>> items(String path, String query, Right right) {
    List<ObjectNode> all = new ArrayList<>();
    String next = "";
    try {
      for (int page = 0; page < MOST_PAGES; page++) {
        Answer answer = api.get(path + "?limit=" + PAGE + query + next);
        if (answer.status() == NOT_FOUND && page == 0) {
          return Look.seen(List.of());
        }
        if (answer.status() == GONE) {
          return Look.unseen("GET %s: the list changed while it was read".formatted(path));
        }
        if (!answer.isGood()) {
          return refused(answer, right);
        }
        JsonNode list = JSON.readTree(answer.body());
        for (JsonNode item : list.path("items")) {
          if (item instanceof ObjectNode object) {
            all.add(object);
          }
        }
        String more = list.at("/metadata/continue").asString("");
        if (more.isEmpty()) {
          return Look.seen(List.copyOf(all));
        }
        next = "&continue=" + Paths.encoded(more);
      }
      return Look.unseen("GET %s: more than %d objects".formatted(path, MOST_PAGES * PAGE));
    } catch (IOException | JacksonException e) {
      return Look.unseen("GET %s: %s".formatted(path, message(e)));
    }
  }

  /** Whether our own user has a right; unseen when that is not answered. */
  Look<Boolean> may(Right right) {
    ObjectNode attributes = JsonNodeFactory.instance.objectNode();
    int dot = right.resource().indexOf('.');
    attributes.put("verb", right.verb());
    attributes.put("resource", dot < 0 ? right.resource() : right.resource().substring(0, dot));
    attributes.put("group", dot < 0 ? "" : right.resource().substring(dot + 1));
    attributes.put("subresource", right.subresource());
    attributes.put("namespace", right.namespace());
    return review("SelfSubjectAccessReview", attributes, Optional.empty())
        .map(status -> status.path("allowed").asBoolean(false));
  }

  /**
   * Asks the authorizers.
   *
   * @param user whose right; ours when empty, for a SelfSubjectAccessReview
   * @return the status
   */
  Look<JsonNode> review(String kind, ObjectNode attributes, Optional<String> user) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", "authorization.k8s.io/v1");
    review.put("kind", kind);
    ObjectNode spec = review.putObject("spec");
    spec.set("resourceAttributes", attributes);
    user.ifPresent(name -> spec.put("user", name));
    user.filter(name -> name.startsWith("system:serviceaccount:"))
        .ifPresent(
            name ->
                spec.putArray("groups")
                    .add("system:serviceaccounts")
                    .add("system:serviceaccounts:" + name.split(":", -1)[2])
                    .add("system:authenticated"));
    String plural = kind.toLowerCase(java.util.Locale.ROOT) + "s";
    Right right = new Right("create", plural + ".authorization.k8s.io", "", "");
    try {
      Answer answer = api.post("/apis/authorization.k8s.io/v1/" + plural, review);
      return answer.isGood()
          ? Look.seen(JSON.readTree(answer.body()).path("status"))
          : refused(answer, right);
    } catch (IOException | JacksonException e) {
      return Look.unseen("%s: %s".formatted(kind, message(e)));
    }
  }

  /** Why an answer shows nothing. */
  static <T> Look<T> refused(Answer answer, Right right) {
    return switch (answer.status()) {
      case FORBIDDEN -> new Look.Unseen<>(told(answer), Optional.of(right.toString()));
      case UNAUTHORIZED -> Look.unseen("the API server does not know us: " + told(answer));
      default -> Look.unseen(why(answer, right));
    };
  }

  /** What was answered when it is not what was asked for, in words. */
  static String why(Answer answer, Right right) {
    return "%s: status %d: %s".formatted(right, answer.status(), told(answer));
  }

  /** The API server's own words: a Status object's message. */
  private static String told(Answer answer) {
    try {
      return JSON.readTree(answer.body()).path("message").asString("no words");
    } catch (JacksonException e) {
      return answer.body().lines().findFirst().orElse("no words");
    }
  }

  static String message(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
