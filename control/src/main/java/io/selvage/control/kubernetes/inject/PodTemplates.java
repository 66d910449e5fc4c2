package io.selvage.control.kubernetes.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Injects the Pods that manifests describe: Pods themselves, and the templates of what makes Pods.
 * Everything else is left as it is.
 */
public final class PodTemplates {
  private static final Set<String> WITH_TEMPLATE =
      Set.of(
          "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job");

  private final Injector injector;
  private final String namespace;
  private final List<Note> notes = new ArrayList<>();

  /**
   * Something to tell.
   *
   * @param refused whether injection failed; else it is a warning
   * @param object {@code Deployment sample/httpbin}
   */
  public record Note(boolean refused, String object, String text) {}

  /**
   * For one run.
   *
   * @param namespace of objects that name none
   */
  public PodTemplates(Injector injector, String namespace) {
    this.injector = injector;
    this.namespace = namespace;
  }

  /** What was noted so far, in the order of the objects. */
  public List<Note> notes() {
    return List.copyOf(notes);
  }

  /** The object with a sidecar in its Pods; the same where it has none to get. */
  public JsonNode injected(JsonNode document) {
    if (!(document instanceof ObjectNode object)) {
      return document;
    }
    String kind = PodJson.text(object.path("kind")).orElse("");
    if (kind.equals("List") || kind.equals("PodList") || kind.equals("DeploymentList")) {
      return list(object);
    }
    if (kind.equals("Pod")) {
      return outcome(object, PodOwner.of(object, namespaceOf(object)), object);
    }
    List<String> path = path(kind);
    return path.isEmpty() ? object : template(object, path);
  }

  /** The template of the Pods that an object makes; empty when it makes none. */
  public static Optional<ObjectNode> of(JsonNode object) {
    List<String> path = path(PodJson.text(object.path("kind")).orElse(""));
    JsonNode found = object;
    for (String field : path) {
      found = found.path(field);
    }
    return !path.isEmpty() && found instanceof ObjectNode template
        ? Optional.of(template)
        : Optional.empty();
  }

  /** Where objects of a kind have their template; empty: nowhere. */
  private static List<String> path(String kind) {
    if (kind.equals("CronJob")) {
      return List.of("spec", "jobTemplate", "spec", "template");
    }
    return WITH_TEMPLATE.contains(kind) ? List.of("spec", "template") : List.of();
  }

  private ObjectNode list(ObjectNode object) {
    ObjectNode all = object.deepCopy();
    ArrayNode items = PodJson.array();
    object.path("items").forEach(item -> items.add(injected(item)));
    all.set("items", items);
    return all;
  }

  private ObjectNode template(ObjectNode object, List<String> path) {
    ObjectNode all = object.deepCopy();
    ObjectNode parent = all;
    for (String field : path.subList(0, path.size() - 1)) {
      if (!(parent.get(field) instanceof ObjectNode next)) {
        return object;
      }
      parent = next;
    }
    if (!(parent.get(path.getLast()) instanceof ObjectNode pod)) {
      return object;
    }
    PodOwner owner =
        new PodOwner(
            PodJson.text(object.path("apiVersion")).orElse(""),
            PodJson.text(object.path("kind")).orElse(""),
            PodJson.text(object.path("metadata").path("name")).orElse(""),
            namespaceOf(object));
    parent.set(path.getLast(), outcome(object, owner, pod));
    return all;
  }

  private ObjectNode outcome(ObjectNode object, PodOwner owner, ObjectNode pod) {
    return switch (injector.inject(pod, owner, Optional.<Map<String, String>>empty())) {
      case Injector.Outcome.Injected(ObjectNode injected, List<String> warnings) -> {
        warnings.forEach(text -> note(false, object, "SLV7242 " + text));
        yield injected;
      }
      case Injector.Outcome.Left(String why, boolean _) -> {
        note(false, object, "SLV7241 left as it is: " + why);
        yield pod;
      }
      case Injector.Outcome.Refused(List<String> problems) -> {
        problems.forEach(text -> note(true, object, "SLV7240 " + text));
        yield pod;
      }
    };
  }

  private void note(boolean refused, ObjectNode object, String text) {
    String name = PodJson.text(object.path("metadata").path("name")).orElse("?");
    String kind = PodJson.text(object.path("kind")).orElse("?");
    notes.add(new Note(refused, "%s %s/%s".formatted(kind, namespaceOf(object), name), text));
  }

  private String namespaceOf(ObjectNode object) {
    return PodJson.text(object.path("metadata").path("namespace")).orElse(namespace);
  }
}
