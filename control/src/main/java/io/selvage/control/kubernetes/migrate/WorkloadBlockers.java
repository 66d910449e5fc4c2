package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.inject.Injector;
import io.selvage.control.kubernetes.inject.PodTemplates;
import io.selvage.control.kubernetes.migrate.Blockers.Blocker;
import io.selvage.control.kubernetes.migrate.IstioSelectors.Heard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What of the workloads that Istio injects Selvage's injection would refuse, or pass over: a pure
 * function of namespaces and of what makes Pods in them.
 */
final class WorkloadBlockers {
  private static final String TEMPLATES = "inject.istio.io/templates";
  private static final String ENFORCED = "pod-security.kubernetes.io/enforce";

  private final Injector injector;
  private final IstioSelectors istio;
  private final Map<String, Map<String, String>> namespaces;

  /**
   * For one cluster.
   *
   * @param settings of injection; that it is up to the API server whom to ask about is passed over
   * @param namespaces the labels of each
   */
  WorkloadBlockers(
      InjectionSettings settings,
      IstioSelectors istio,
      Map<String, Map<String, String>> namespaces) {
    this.injector = new Injector(settings);
    this.istio = istio;
    this.namespaces = new TreeMap<>(namespaces);
  }

  /** What is to be said of one object; nothing when Istio injects no Pod of it. */
  List<Blocker> of(ObjectNode object) {
    Heard heard = heard(object);
    if (heard == Heard.NOT) {
      return List.of();
    }
    JsonNode metadata = object.path("metadata");
    var found =
        new Found(
            metadata.path("namespace").asString(""),
            object.path("kind").asString(""),
            metadata.path("name").asString(""));
    PodTemplates.of(object).ifPresent(template -> judge(template, heard, found));
    return List.copyOf(found.all);
  }

  /** Whether Istio injects Pods of an object with sidecars, which could move. */
  boolean couldMove(ObjectNode object) {
    return heard(object) != Heard.NOT
        && PodTemplates.of(object)
            .filter(template -> !isGateway(texts(template, "annotations")))
            .isPresent();
  }

  private Heard heard(ObjectNode object) {
    Optional<ObjectNode> template = PodTemplates.of(object);
    if (template.isEmpty() || !makesPods(object)) {
      return Heard.NOT;
    }
    String where = object.path("metadata").path("namespace").asString("");
    return istio.heard(
        where, namespaces.getOrDefault(where, Map.of()), texts(template.get(), "labels"));
  }

  /** A namespace that Istio injects, as a whole or for some of its Pods. */
  Optional<Blocker> ofNamespace(String name) {
    String level = namespaces.getOrDefault(name, Map.of()).getOrDefault(ENFORCED, "privileged");
    return level.equals("privileged")
        ? Optional.empty()
        : Optional.of(
            new Blocker(
                "",
                "Namespace",
                name,
                true,
                "%s=%s: Pods with the init container istio-init are refused, which runs as root with NET_ADMIN and NET_RAW; there is no CNI mode (SLV7246)"
                    .formatted(ENFORCED, level)));
  }

  /** Whether a Pod without labels of its own would be injected there. */
  boolean isInjected(String namespace) {
    return istio.heard(namespace, namespaces.getOrDefault(namespace, Map.of()), Map.of())
        != Heard.NOT;
  }

  private void judge(ObjectNode template, Heard heard, Found found) {
    Map<String, String> annotations = texts(template, "annotations");
    if (isGateway(annotations)) {
      found.add(
          false,
          "a gateway: it stays with Istio, and needs its namespace's labels as they are or a namespace of its own");
      return;
    }
    switch (injector.inject(template, found.namespace, Optional.empty())) {
      case Injector.Outcome.Injected(_, List<String> warnings) ->
          warnings.forEach(text -> found.add(false, "SLV7242 " + text));
      case Injector.Outcome.Refused(List<String> problems) ->
          problems.forEach(text -> found.add(true, "SLV7240 " + text));
      case Injector.Outcome.Left(_, _) -> {
        if (annotations.containsKey(InjectionPolicy.STATUS)) {
          found.add(
              true,
              "SLV7241 its template has Istio's sidecar in it (istioctl kube-inject), and keeps it: apply it without");
        }
        return;
      }
    }
    if (heard == Heard.BY_ITSELF) {
      found.add(
          false,
          "it asks Istio itself (%s): label its namespace istio.io/rev=selvage to move all, or its template to move it"
              .formatted(String.join(", ", IstioSelectors.asks(texts(template, "labels")))));
    }
  }

  private static boolean isGateway(Map<String, String> annotations) {
    return Arrays.stream(annotations.getOrDefault(TEMPLATES, "").split(",", -1))
        .anyMatch(name -> name.strip().equals("gateway"));
  }

  /** A Job that is over makes no Pods; one of a CronJob says what that says. */
  private static boolean makesPods(ObjectNode object) {
    if (!object.path("kind").asString("").equals("Job")) {
      return true;
    }
    boolean owned =
        object.path("metadata").path("ownerReferences").values().stream()
            .anyMatch(owner -> owner.path("controller").asBoolean(false));
    boolean over =
        object.path("status").path("conditions").values().stream()
            .filter(condition -> condition.path("status").asString("").equals("True"))
            .map(condition -> condition.path("type").asString(""))
            .anyMatch(type -> type.equals("Complete") || type.equals("Failed"));
    return !owned && !over;
  }

  private static Map<String, String> texts(ObjectNode template, String field) {
    Map<String, String> all = new TreeMap<>();
    template
        .path("metadata")
        .path(field)
        .properties()
        .forEach(entry -> all.put(entry.getKey(), entry.getValue().asString("")));
    return all;
  }

  /** What was found of one object. */
  private static final class Found {
    private final List<Blocker> all = new ArrayList<>();
    private final String namespace;
    private final String kind;
    private final String name;

    Found(String namespace, String kind, String name) {
      this.namespace = namespace;
      this.kind = kind;
      this.name = name;
    }

    void add(boolean blocks, String effect) {
      all.add(new Blocker(namespace, kind, name, blocks, effect));
    }
  }
}
