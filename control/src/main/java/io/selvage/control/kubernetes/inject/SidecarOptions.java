package io.selvage.control.kubernetes.inject;

import io.selvage.model.MeshConfig.SidecarDefaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a Pod's annotations ask of its sidecar.
 *
 * @param image of both containers
 * @param nativeSidecar an init container that goes on, or a container beside the application's
 * @param hold the application waits for the sidecar; always so with a native one
 * @param statusPort where kubelet's probes of the application are answered
 * @param capture arguments of {@code selvage capture}
 * @param logLevel as {@code selvage proxy --log-level} takes it
 * @param drain how long it serves on once it has to end
 * @param concurrency threads that serve connections; 0: one for each processor
 * @param resources of both containers
 * @param probe of the sidecar's own readiness
 * @param rewriteProbes the sidecar asks the application in kubelet's stead
 * @param mergeMetrics the sidecar tells the application's figures with its own; empty: as the mesh
 *     does
 * @param volumes further volumes by name
 * @param mounts where, by volume's name
 * @param variables of the sidecar's environment
 * @param refused why this Pod can't be injected; empty: it can
 * @param warnings what is not done, and does no harm
 */
record SidecarOptions(
    String image,
    boolean nativeSidecar,
    boolean hold,
    int statusPort,
    List<String> capture,
    String logLevel,
    Duration drain,
    int concurrency,
    ObjectNode resources,
    Readiness probe,
    boolean rewriteProbes,
    boolean mergeMetrics,
    ObjectNode volumes,
    ObjectNode mounts,
    Map<String, String> variables,
    List<String> refused,
    List<String> warnings) {
  private static final String MODE = "REDIRECT";

  /** What the sidecar tells the control plane of itself, and what its own launcher reads. */
  private static final List<String> READ_BY =
      List.of("ISTIO_META_", "ISTIO_METAJSON_", "JAVA_", "SELVAGE_");

  private static final String MESH_METADATA = "meshConfig.defaultConfig.proxyMetadata";
  private static final String DNS_CAPTURE = "ISTIO_META_DNS_CAPTURE";

  /** How often the sidecar is asked whether it is ready. */
  record Readiness(int initialDelaySeconds, int periodSeconds, int failureThreshold) {}

  static SidecarOptions read(Map<String, String> annotations, InjectionSettings settings) {
    AnnotationReader from = new AnnotationReader(annotations);
    ProxyConfigAnnotation config = ProxyConfigAnnotation.read(from);
    from.value(Annotation.INTERCEPTION_MODE, SidecarOptions::interceptionMode);
    templates(from);
    int statusPort = statusPort(from, config, settings);
    SidecarOptions options =
        new SidecarOptions(
            image(from).orElse(settings.image()),
            from.flag(Annotation.NATIVE).orElse(settings.nativeSidecars()),
            config.hold().orElse(settings.holdApplication()),
            statusPort,
            CaptureArguments.read(from, statusPort, settings.proxy()),
            logLevel(from, settings.proxy()),
            config.drain().orElse(settings.drain()),
            config.concurrency().orElse(settings.concurrency()),
            SidecarResources.read(from, settings.proxy().resources()),
            new Readiness(
                from.number(Annotation.INITIAL_DELAY, 0, Integer.MAX_VALUE).orElse(0),
                from.number(Annotation.PERIOD, 1, Integer.MAX_VALUE).orElse(15),
                from.number(Annotation.FAILURES, 1, Integer.MAX_VALUE).orElse(4)),
            from.flag(Annotation.REWRITE_PROBES).orElse(true),
            from.flag(Annotation.MERGE_METRICS).orElse(settings.mergeMetrics()),
            from.object(Annotation.USER_VOLUME).orElseGet(PodJson::object),
            from.object(Annotation.USER_VOLUME_MOUNT).orElseGet(PodJson::object),
            variables(from, config, settings),
            from.refused(),
            from.warnings());
    unread(annotations, from);
    return options;
  }

  static String interceptionMode(String mode) {
    if (!mode.equals(MODE)) {
      throw new IllegalArgumentException(
          "'%s' can't be had, only %s; a Pod without capture is one with label %s=false"
              .formatted(mode, MODE, InjectionPolicy.POD_LABEL));
    }
    return mode;
  }

  private static Optional<String> image(AnnotationReader from) {
    Optional<String> pinned = from.value(Annotation.IMAGE, SidecarOptions::image);
    pinned
        .filter(EnvoyImage::is)
        .ifPresent(image -> from.warn(Annotation.IMAGE, EnvoyImage.PASSED_OVER.formatted(image)));
    return pinned.filter(Predicate.not(EnvoyImage::is));
  }

  private static String image(String text) {
    if (text.isBlank() || text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("'" + text + "' is no image");
    }
    return text;
  }

  static String variableName(String text) {
    if (!SidecarDefaults.isVariable(text)) {
      throw new IllegalArgumentException("'" + text + "' is no name of an environment variable");
    }
    if (SidecarEnvironment.OWN.contains(text)) {
      throw new IllegalArgumentException("'" + text + "' is what the injector sets");
    }
    return text;
  }

  /** Istio's {@code sidecar} is the only one: a gateway has its own Deployment. */
  private static void templates(AnnotationReader from) {
    from.text(Annotation.TEMPLATES)
        .ifPresent(
            text -> {
              for (String name : text.split(",", -1)) {
                if (!name.strip().equals("sidecar")) {
                  from.refuse(
                      Annotation.TEMPLATES,
                      "there is no template '%s', only sidecar".formatted(name.strip()));
                }
              }
            });
  }

  private static int statusPort(
      AnnotationReader from, ProxyConfigAnnotation config, InjectionSettings settings) {
    int port =
        from.number(Annotation.STATUS_PORT, 1, 65_535)
            .or(config::statusPort)
            .orElse(settings.statusPort());
    if (SidecarDefaults.OTHER_PORTS.contains(port)) {
      from.refuse(Annotation.STATUS_PORT, port + " is another of the sidecar's ports");
      return settings.statusPort();
    }
    return port;
  }

  /** Envoy's names of levels, as Istio takes them. */
  private static String logLevel(AnnotationReader from, ProxyDefaults installations) {
    Optional<String> agent = from.value(Annotation.AGENT_LOG_LEVEL, SidecarOptions::levelOf);
    return from.value(Annotation.LOG_LEVEL, SidecarOptions::levelOf)
        .or(() -> agent)
        .or(installations::logLevel)
        .orElse("info");
  }

  static String levelOf(String text) {
    return switch (text.toLowerCase(Locale.ROOT).replaceFirst("^(default|all):", "")) {
      case "trace" -> "trace";
      case "debug" -> "debug";
      case "info" -> "info";
      case "warn", "warning" -> "warn";
      case "error", "critical", "fatal", "off", "none" -> "error";
      default ->
          throw new IllegalArgumentException(
              "'%s' is none of trace, debug, info, warning, error".formatted(text));
    };
  }

  private static Map<String, String> variables(
      AnnotationReader from, ProxyConfigAnnotation config, InjectionSettings settings) {
    Map<String, String> ofMesh = new TreeMap<>(settings.variables());
    if (ofMesh.keySet().removeIf(SidecarEnvironment.OWN::contains)) {
      from.warnOf(MESH_METADATA, "what the injector sets itself is left out");
    }
    ofMesh.keySet().removeAll(config.metadata().keySet());
    withoutEffect(ofMesh).forEach((name, why) -> from.warnOf(MESH_METADATA, name + why));
    withoutEffect(config.metadata())
        .forEach((name, why) -> from.warn(Annotation.PROXY_CONFIG, name + why));
    Map<String, String> all = new TreeMap<>(ofMesh);
    all.putAll(config.metadata());
    return all;
  }

  /** Variables that nothing here reads, and why. */
  private static Map<String, String> withoutEffect(Map<String, String> variables) {
    Map<String, String> found = new TreeMap<>();
    variables.forEach(
        (name, value) -> {
          if (name.equals(DNS_CAPTURE) && Boolean.parseBoolean(value)) {
            found.put(name, ": DNS is not captured; names are the cluster's");
          } else if (READ_BY.stream().noneMatch(name::startsWith)) {
            found.put(name, " is Istio's agent's, and has no effect here");
          }
        });
    return found;
  }

  /** Nothing that is meant for a sidecar is passed over in silence. */
  private static void unread(Map<String, String> annotations, AnnotationReader from) {
    Set<String> known =
        Set.of(InjectionPolicy.POD_LABEL, InjectionPolicy.STATUS, Injector.OVERRIDES);
    List<String> rest = new ArrayList<>();
    for (String name : annotations.keySet()) {
      if (Annotation.isMeantForSidecars(name)
          && !from.read().contains(name)
          && !known.contains(name)) {
        rest.add(name);
      }
    }
    rest.forEach(name -> from.warn(name, "it has no effect on this sidecar"));
    String asked = annotations.getOrDefault(InjectionPolicy.POD_LABEL, "");
    if (!Set.of("", "true", "false").contains(asked)) {
      from.warn(InjectionPolicy.POD_LABEL, "'" + asked + "' is neither true nor false");
    }
  }
}
