package io.selvage.control.kubernetes.install;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One thing that can be set of an installation.
 *
 * @param title its name, that of the Helm chart's value; a dot stands between a group and what is
 *     in it
 * @param standard what is meant where nothing is said
 * @param form which values it can have
 * @param option of {@code selvage control}, which takes its value as it is; empty: none does
 */
record Setting(String title, JsonNode standard, Form form, Optional<String> option) {
  private static final String LABEL = "[a-z0-9A-Z]([a-z0-9A-Z._-]{0,61}[a-z0-9A-Z])?";
  private static final String LABELS = "a label's value";
  private static final String AMOUNT = "[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?";
  private static final String AMOUNTS = "a quantity such as 100m or 256Mi";
  private static final Form QUANTITY = text(AMOUNT + "|none|", AMOUNTS + ", or none");
  private static final Form TRISTATE = new Form.Word(List.of("auto", "true", "false"), Map.of());
  private static final Form PORTS =
      text("([0-9]{1,5}(,[0-9]{1,5})*)?", "ports with commas between");
  private static final String BLOCKS = "([0-9a-fA-F.:]+/[0-9]{1,3}(,[0-9a-fA-F.:]+/[0-9]{1,3})*)?";
  private static final Form RANGES = text(BLOCKS, "CIDR blocks with commas between");
  private static final Form ALL_OR_RANGES = text("\\*|" + BLOCKS, "* or " + RANGES.wanted());

  /** Of control plane and proxies; empty: {@code localhost/selvage:<version>}. */
  static final Setting IMAGE =
      of("image", "", text("[a-zA-Z0-9][a-zA-Z0-9._:/@-]*|", "the name of an image"));

  /** Secrets of the same namespace, and of those with sidecars, by which images are pulled. */
  static final Setting IMAGE_PULL_SECRETS =
      of(
              "imagePullSecrets",
              List.of(),
              new Form.Many(text("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "the name of a Secret")))
          .passedAs("--sidecar-pull-secret");

  /** Of the control plane; 0: whoever scales it says so. */
  static final Setting REPLICAS = of("replicas", 1, new Form.Whole(0));

  /** The cluster's id in the mesh. */
  static final Setting CLUSTER = of("cluster", "Kubernetes", text(LABEL, LABELS));

  /** The cluster's network, where clusters cannot reach one another's Pods. */
  static final Setting NETWORK = of("network", "", text(LABEL + "|", LABELS));

  /** Empty: the trust domain. */
  static final Setting MESH_ID =
      of("meshId", "", text("[a-zA-Z0-9._-]{0,255}", "an id")).passedAs("--mesh-id");

  /** Of a mesh configuration that is made; one that is there has its own. */
  static final Setting TRUST_DOMAIN =
      of("trustDomain", "cluster.local", text("[a-z0-9._-]{1,255}", "a trust domain"));

  /** Whether the mesh configuration is made: where there is none, always, or never. */
  static final Setting MESH_CONFIG_CREATE = of("meshConfig.create", "auto", TRISTATE);

  /** Whether Istio's own labels have Pods injected. */
  static final Setting ISTIO_LABELS =
      of(
          "istioLabels",
          "auto",
          new Form.Word(List.of("auto", "yes", "no"), Map.of("true", "yes", "false", "no")));

  /** Further values of {@code istio.io/rev} that ask for Selvage. */
  static final Setting REVISION_TAGS =
      of(
              "revisionTags",
              List.of(),
              new Form.Many(
                  text(
                      "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
                      "a tag (lower-case letters, digits and '-', at most 63)")))
          .passedAs("--revision-tag");

  /** As {@code selvage control --native-sidecars}. */
  static final Setting NATIVE_SIDECARS = of("nativeSidecars", "auto", TRISTATE);

  /** What a replica of the control plane asks for. */
  static final Setting CPU = of("cpu", "100m", text(AMOUNT, AMOUNTS));

  /** As {@link #CPU}. */
  static final Setting MEMORY = of("memory", "256Mi", text(AMOUNT, AMOUNTS));

  /** Beyond which a replica is ended. */
  static final Setting MEMORY_LIMIT = of("memoryLimit", "1Gi", text(AMOUNT, AMOUNTS));

  static final Setting NODE_SELECTOR = of("nodeSelector", Map.of(), new Form.Texts(0));
  static final Setting TOLERATIONS =
      of("tolerations", List.of(), new Form.Many(new Form.Verbatim()));

  /** Takes the place of ours, by which replicas are on different nodes where they can be. */
  static final Setting AFFINITY = of("affinity", Map.of(), new Form.Verbatim());

  static final Setting TOPOLOGY_SPREAD_CONSTRAINTS =
      of("topologySpreadConstraints", List.of(), new Form.Many(new Form.Verbatim()));
  static final Setting PRIORITY_CLASS_NAME =
      of("priorityClassName", "", text("[a-z0-9.-]{0,253}", "the name of a PriorityClass"));
  static final Setting POD_LABELS = of("podLabels", Map.of(), new Form.Texts(0));
  static final Setting POD_ANNOTATIONS = of("podAnnotations", Map.of(), new Form.Texts(0));
  static final Setting SERVICE_ANNOTATIONS = of("serviceAnnotations", Map.of(), new Form.Texts(0));

  /** What is passed on for sidecars, in the order of the control plane's arguments. */
  private static final List<Setting> SIDECAR =
      List.of(
          of(
                  "sidecar.pullPolicy",
                  "",
                  text("Always|IfNotPresent|Never|", "Always, IfNotPresent or Never"))
              .passedAs("--sidecar-pull-policy"),
          of("sidecar.holdApplication", false, new Form.Flag()).passedAs("--hold-application"),
          of("sidecar.neverInject", List.of(), new Form.Many(new Form.Texts(1)))
              .passedAs("--never-inject"),
          of("sidecar.excludeOutboundPorts", "", PORTS)
              .passedAs("--sidecar-exclude-outbound-ports"),
          of("sidecar.excludeInboundPorts", "", PORTS).passedAs("--sidecar-exclude-inbound-ports"),
          of("sidecar.includeIPRanges", "", ALL_OR_RANGES).passedAs("--sidecar-include-ip-ranges"),
          of("sidecar.excludeIPRanges", "", RANGES).passedAs("--sidecar-exclude-ip-ranges"),
          of(
                  "sidecar.logLevel",
                  "",
                  text(
                      "trace|debug|info|warn(ing)?|error|", "trace, debug, info, warning or error"))
              .passedAs("--sidecar-log-level"),
          of("sidecar.cpuRequest", "", QUANTITY).passedAs("--sidecar-cpu-request"),
          of("sidecar.memoryRequest", "", QUANTITY).passedAs("--sidecar-memory-request"),
          of("sidecar.cpuLimit", "", QUANTITY).passedAs("--sidecar-cpu-limit"),
          of("sidecar.memoryLimit", "", QUANTITY).passedAs("--sidecar-memory-limit"));

  /** All of them. */
  static final List<Setting> ALL =
      Stream.of(
              List.of(
                  IMAGE,
                  IMAGE_PULL_SECRETS,
                  REPLICAS,
                  CLUSTER,
                  NETWORK,
                  MESH_ID,
                  TRUST_DOMAIN,
                  MESH_CONFIG_CREATE,
                  ISTIO_LABELS,
                  REVISION_TAGS,
                  NATIVE_SIDECARS),
              SIDECAR,
              List.of(
                  CPU,
                  MEMORY,
                  MEMORY_LIMIT,
                  NODE_SELECTOR,
                  TOLERATIONS,
                  AFFINITY,
                  TOPOLOGY_SPREAD_CONSTRAINTS,
                  PRIORITY_CLASS_NAME,
                  POD_LABELS,
                  POD_ANNOTATIONS,
                  SERVICE_ANNOTATIONS))
          .flatMap(List::stream)
          .toList();

  Setting {
    standard = standard.deepCopy();
  }

  private static Setting of(String title, Object standard, Form form) {
    return new Setting(title, JsonMapper.shared().valueToTree(standard), form, Optional.empty());
  }

  private Setting passedAs(String to) {
    return new Setting(title, standard, form, Optional.of(to));
  }

  private static Form text(String pattern, String wanted) {
    return new Form.Text(Pattern.compile(pattern), wanted);
  }

  /** The setting of a name. */
  static Optional<Setting> named(String title) {
    return ALL.stream().filter(each -> each.title.equals(title)).findFirst();
  }

  /** The names of its groups and, last, its own. */
  List<String> path() {
    return List.of(title.split("\\.", -1));
  }

  /**
   * A value of it.
   *
   * @throws IllegalArgumentException when it cannot have that value
   */
  JsonNode read(JsonNode given) {
    return form.read(given)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s cannot be %s: %s is wanted"
                        .formatted(
                            title,
                            given.isString() ? '"' + given.asString() + '"' : given,
                            form.wanted())));
  }

  /**
   * A value of it, as a command line says it.
   *
   * @throws IllegalArgumentException when it cannot have that value
   */
  JsonNode parse(String text) {
    JsonNode given;
    try {
      given = form.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s cannot be \"%s\": %s".formatted(title, text, e.getMessage()), e);
    }
    return read(given);
  }

  /** What {@code selvage control} is told of a value; nothing of what it takes for granted. */
  List<String> arguments(JsonNode value) {
    if (option.isEmpty() || value.equals(standard)) {
      return List.of();
    }
    return switch (form) {
      case Form.Flag _ -> List.of(option.get());
      case Form.Many _ ->
          value.values().stream().map(each -> option.get() + "=" + words(each)).toList();
      case Form.Text _, Form.Word _, Form.Whole _, Form.Texts _, Form.Verbatim _ ->
          List.of(option.get() + "=" + words(value));
    };
  }

  private static String words(JsonNode value) {
    return value.isObject()
        ? String.join(
            ",",
            value.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each -> each.getKey() + "=" + each.getValue().asString())
                .toList())
        : value.asString();
  }
}
