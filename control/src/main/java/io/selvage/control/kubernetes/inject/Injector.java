package io.selvage.control.kubernetes.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts a sidecar into a Pod: a pure function of the Pod, its namespace and the installation's
 * settings. A Pod that has one stays as it is, so injecting twice is injecting once.
 */
public final class Injector {
  /** Where an {@code istio-proxy} container that was written as an override is kept. */
  static final String OVERRIDES = "proxy.istio.io/overrides";

  private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";
  private static final String TLS_MODE = "security.istio.io/tlsMode";
  private static final String PULL_SECRETS = "imagePullSecrets";
  private static final int LONGEST_LABEL = 63;

  private final InjectionSettings settings;
  private final InjectionPolicy policy;

  /** Of an installation. */
  public Injector(InjectionSettings settings) {
    this.settings = settings;
    this.policy = new InjectionPolicy(settings);
  }

  /** What became of a Pod. */
  public sealed interface Outcome {
    /**
     * It has a sidecar.
     *
     * @param pod the Pod (or template), a new tree
     * @param warnings what its owner should know: annotations without effect
     */
    record Injected(ObjectNode pod, List<String> warnings) implements Outcome {}

    /**
     * It is as it was.
     *
     * @param why for people
     * @param told whether its owner may have expected otherwise
     */
    record Left(String why, boolean told) implements Outcome {}

    /**
     * It asks for what can't be had, and must not run without.
     *
     * @param problems each with cause and place
     */
    record Refused(List<String> problems) implements Outcome {}
  }

  /**
   * Injects a Pod.
   *
   * @param pod not changed
   * @param namespace its namespace
   * @param namespaceLabels see {@link InjectionPolicy#decide}
   */
  public Outcome inject(
      ObjectNode pod, String namespace, Optional<Map<String, String>> namespaceLabels) {
    return inject(pod, PodOwner.of(pod, namespace), namespaceLabels);
  }

  Outcome inject(ObjectNode pod, PodOwner owner, Optional<Map<String, String>> namespaceLabels) {
    return switch (policy.decide(pod, owner.namespace(), namespaceLabels)) {
      case InjectionPolicy.Decision.Leave(String why, boolean told) -> new Outcome.Left(why, told);
      case InjectionPolicy.Decision.Inject() -> inject(pod, owner);
    };
  }

  private Outcome inject(ObjectNode original, PodOwner owner) {
    SidecarOptions options = SidecarOptions.read(PodJson.annotations(original), settings);
    List<String> problems = new ArrayList<>(options.refused());
    List<String> warnings = new ArrayList<>(options.warnings());
    ObjectNode pod = original.deepCopy();
    Optional<ObjectNode> override = takeOverride(pod, problems);
    ArrayNode volumes = SidecarTemplate.volumes(options);
    collisions(pod, volumes, problems);
    if (!problems.isEmpty()) {
      return new Outcome.Refused(problems);
    }
    ObjectNode proxy = SidecarTemplate.proxy(pod, owner, options, settings);
    ObjectNode capture = SidecarTemplate.capture(options, settings);
    if (override.isPresent()) {
      proxy = ContainerOverlay.over(proxy, override.get());
      asUser(proxy, capture);
      annotations(pod).put(OVERRIDES, overrides(override.get()));
      PodJson.text(override.get().path("image"))
          .filter(EnvoyImage::is)
          .ifPresent(
              image ->
                  warnings.add(
                      "container %s: image ".formatted(PodJson.PROXY)
                          + EnvoyImage.PASSED_OVER.formatted(image)));
    }
    SidecarResources.tooSmall(proxy).ifPresent(warnings::add);
    ArrayNode environment = PodJson.arrayAt(proxy, "env");
    metrics(pod, options, environment, problems);
    probes(pod, options, environment, warnings);
    if (!problems.isEmpty()) {
      return new Outcome.Refused(problems);
    }
    metadata(pod, owner, options, volumes);
    ObjectNode spec = PodJson.objectAt(pod, "spec");
    volumes.forEach(volume -> PodJson.arrayAt(spec, "volumes").add(volume));
    place(spec, proxy, capture, options);
    pullSecrets(spec);
    dns(spec, warnings);
    return new Outcome.Injected(pod, warnings);
  }

  /** An {@code istio-proxy} that a user wrote is taken out, and laid over the injected one. */
  private static Optional<ObjectNode> takeOverride(ObjectNode pod, List<String> problems) {
    List<ObjectNode> written = new ArrayList<>();
    for (String which : List.of(PodJson.CONTAINERS, PodJson.INIT_CONTAINERS)) {
      PodJson.container(pod, which, PodJson.PROXY).ifPresent(written::add);
      remove(pod, which, PodJson.PROXY);
    }
    if (PodJson.container(pod, PodJson.INIT_CONTAINERS, PodJson.INIT).isPresent()
        || PodJson.container(pod, PodJson.CONTAINERS, PodJson.INIT).isPresent()) {
      problems.add("container %s: the name is the injector's".formatted(PodJson.INIT));
    }
    if (written.size() > 1) {
      problems.add("container %s: it is there twice".formatted(PodJson.PROXY));
    }
    written.forEach(
        container -> {
          for (String field : List.of("runAsUser", "runAsGroup")) {
            JsonNode id = container.path("securityContext").path(field);
            if (id.isNumber() && id.intValue() <= 0) {
              problems.add(
                  "container %s: %s 0 can't be told from the application's by capture"
                      .formatted(PodJson.PROXY, field));
            }
          }
        });
    return written.stream().findFirst();
  }

  private static void remove(ObjectNode pod, String which, String name) {
    if (pod.path("spec").get(which) instanceof ArrayNode list) {
      for (int i = list.size() - 1; i >= 0; i--) {
        if (PodJson.name(list.get(i)).equals(name)) {
          list.remove(i);
        }
      }
    }
  }

  private static void collisions(ObjectNode pod, ArrayNode volumes, List<String> problems) {
    for (JsonNode own : volumes) {
      String name = PodJson.name(own);
      if (pod.path("spec").path("volumes").values().stream()
          .anyMatch(volume -> PodJson.name(volume).equals(name))) {
        problems.add("volume %s: the injector adds one of that name".formatted(name));
      }
    }
  }

  /** Capture leaves that user and group alone as which the sidecar runs. */
  private static void asUser(ObjectNode proxy, ObjectNode capture) {
    ArrayNode args = PodJson.arrayAt(capture, "args");
    JsonNode context = proxy.path("securityContext");
    if (context.path("runAsUser").isNumber() && context.path("runAsUser").intValue() != 1337) {
      args.add("--user=" + context.path("runAsUser").intValue());
    }
    if (context.path("runAsGroup").isNumber() && context.path("runAsGroup").intValue() != 1337) {
      args.add("--group=" + context.path("runAsGroup").intValue());
    }
  }

  private static String overrides(ObjectNode override) {
    ObjectNode all = PodJson.object();
    all.putArray(PodJson.CONTAINERS).add(override);
    return JsonMapper.shared().writeValueAsString(all);
  }

  private static void metrics(
      ObjectNode pod, SidecarOptions options, ArrayNode environment, List<String> problems) {
    if (options.mergeMetrics()) {
      MetricsMerging.Outcome merged = MetricsMerging.of(pod, options.statusPort());
      merged.refused().ifPresent(problems::add);
      merged
          .application()
          .ifPresent(
              asked ->
                  SidecarEnvironment.value(environment, MetricsMerging.VARIABLE, asked.toString()));
    }
  }

  private static void probes(
      ObjectNode pod, SidecarOptions options, ArrayNode environment, List<String> warnings) {
    if (options.rewriteProbes()) {
      ObjectNode probers = ProbeRewriting.of(pod, options.statusPort(), warnings);
      if (!probers.isEmpty()) {
        SidecarEnvironment.value(environment, ProbeRewriting.VARIABLE, probers.toString());
      }
    }
  }

  private static ObjectNode annotations(ObjectNode pod) {
    return PodJson.objectAt(PodJson.objectAt(pod, "metadata"), "annotations");
  }

  private void metadata(ObjectNode pod, PodOwner owner, SidecarOptions options, ArrayNode volumes) {
    ObjectNode annotations = annotations(pod);
    annotations.put(InjectionPolicy.REVISION_LABEL, InjectionSettings.REVISION);
    SidecarEnvironment.applications(pod).stream()
        .findFirst()
        .ifPresent(
            first ->
                Stream.of("default-container", "default-logs-container")
                    .map(name -> "kubectl.kubernetes.io/" + name)
                    .filter(Predicate.not(annotations::has))
                    .forEach(name -> annotations.put(name, first)));
    annotations.put(InjectionPolicy.STATUS, status(options, volumes));
    Map<String, String> before = PodJson.labels(pod);
    ObjectNode labels = PodJson.objectAt(PodJson.objectAt(pod, "metadata"), "labels");
    labels.put(TLS_MODE, before.getOrDefault(TLS_MODE, "istio"));
    String name =
        first(before, CANONICAL_NAME, "app.kubernetes.io/name", "app").orElse(owner.name());
    if (!name.isEmpty()) {
      labels.put(CANONICAL_NAME, label(name));
    }
    labels.put(
        CANONICAL_REVISION,
        first(before, CANONICAL_REVISION, "app.kubernetes.io/version", "version").orElse("latest"));
  }

  private static Optional<String> first(Map<String, String> labels, String... names) {
    return Stream.of(names)
        .map(name -> labels.getOrDefault(name, ""))
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  private static String label(String text) {
    String cut = text.length() > LONGEST_LABEL ? text.substring(0, LONGEST_LABEL) : text;
    return cut.replaceAll("^[-_.]+|[-_.]+$", "");
  }

  /** Istio's form, so that its tools know what was added. */
  private String status(SidecarOptions options, ArrayNode volumes) {
    ObjectNode status = PodJson.object();
    ArrayNode before = status.putArray(PodJson.INIT_CONTAINERS).add(PodJson.INIT);
    ArrayNode beside = status.putArray(PodJson.CONTAINERS);
    (options.nativeSidecar() ? before : beside).add(PodJson.PROXY);
    ArrayNode names = status.putArray("volumes");
    volumes.forEach(volume -> names.add(PodJson.name(volume)));
    if (settings.pullSecrets().isEmpty()) {
      status.putNull(PULL_SECRETS);
    } else {
      ArrayNode secrets = status.putArray(PULL_SECRETS);
      settings.pullSecrets().forEach(secrets::add);
    }
    status.put("revision", InjectionSettings.REVISION);
    return status.toString();
  }

  /**
   * A native sidecar comes first, behind capture, so that the other init containers are in the mesh
   * too. A sidecar beside the application serves nobody before that starts, so capture comes last.
   */
  private static void place(
      ObjectNode spec, ObjectNode proxy, ObjectNode capture, SidecarOptions options) {
    ArrayNode before = PodJson.arrayAt(spec, PodJson.INIT_CONTAINERS);
    ArrayNode beside = PodJson.arrayAt(spec, PodJson.CONTAINERS);
    if (options.nativeSidecar()) {
      before.insert(0, proxy);
      before.insert(0, capture);
    } else {
      before.add(capture);
      if (options.hold()) {
        beside.insert(0, proxy);
      } else {
        beside.add(proxy);
      }
    }
  }

  /** Those of the installation behind the Pod's own, each once. */
  private void pullSecrets(ObjectNode spec) {
    for (String name : settings.pullSecrets()) {
      ArrayNode all = PodJson.arrayAt(spec, PULL_SECRETS);
      if (all.values().stream().noneMatch(secret -> PodJson.name(secret).equals(name))) {
        all.addObject().put("name", name);
      }
    }
  }

  private static void dns(ObjectNode spec, List<String> warnings) {
    String policy = PodJson.text(spec.path("dnsPolicy")).orElse("ClusterFirst");
    if (!policy.equals("ClusterFirst")) {
      warnings.add(
          "dnsPolicy %s: the sidecar may not find the control plane by its name".formatted(policy));
    }
  }
}
