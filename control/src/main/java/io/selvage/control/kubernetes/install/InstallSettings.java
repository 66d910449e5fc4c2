package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.inject.ProxyDefaults;
import io.selvage.control.kubernetes.inject.SidecarResources;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How an installation is to be: a value of each {@link Setting}. They are the values of the Helm
 * chart, of {@code --set} and {@code --values}, and what a Deployment remembers of how it was
 * installed.
 */
public final class InstallSettings {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What is meant where nothing is said. */
  public static final InstallSettings DEFAULTS =
      new InstallSettings(
          Setting.ALL.stream().collect(Collectors.toMap(each -> each, Setting::standard)));

  private final Map<Setting, JsonNode> values;

  private InstallSettings(Map<Setting, JsonNode> values) {
    this.values = Map.copyOf(values);
  }

  /** Whether {@code istio-injection=enabled} and {@code sidecar.istio.io/inject=true} are ours. */
  public enum IstioLabels {
    /** If no other injector in the cluster acts on them. */
    AUTO,
    YES,
    NO
  }

  /** Whether the mesh configuration is part of an installation. */
  public enum MeshConfig {
    /** It is made where there is none, and left to whoever runs the mesh from then on. */
    AUTO,
    /** It is kept as the settings say. */
    TRUE,
    /** It is somebody else's, such as an Istio's. */
    FALSE
  }

  /** The names of what can be set. */
  public static List<String> names() {
    return Setting.ALL.stream().map(Setting::title).toList();
  }

  /**
   * With one value set.
   *
   * @param value a text as it is, a list of texts with commas between, all else as YAML
   * @throws IllegalArgumentException when there is no such setting, or it cannot have that value
   */
  public InstallSettings with(String name, String value) {
    Setting setting =
        Setting.named(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no setting %s, but %s"
                            .formatted(name, String.join(", ", names()))));
    Map<Setting, JsonNode> all = new HashMap<>(values);
    all.put(setting, setting.parse(value));
    return new InstallSettings(all);
  }

  /**
   * What a file of values says, by the settings' names, each as {@link #with} takes it. What is no
   * setting is in it, too, for {@code with} to refuse; what has no value is not.
   *
   * @throws IllegalArgumentException when it is no YAML, or no object
   */
  public static Map<String, String> named(String yaml) {
    Map<String, String> found = new LinkedHashMap<>();
    for (JsonNode document : ClusterYaml.read(yaml)) {
      if (!(document instanceof ObjectNode values)) {
        throw new IllegalArgumentException("settings by name are wanted");
      }
      named("", values, found);
    }
    return found;
  }

  private static void named(String prefix, ObjectNode values, Map<String, String> found) {
    for (Map.Entry<String, JsonNode> field : values.properties()) {
      String name = prefix + field.getKey();
      JsonNode value = field.getValue();
      if (value instanceof ObjectNode group && isGroup(name)) {
        named(name + ".", group, found);
      } else if (!value.isNull()) {
        found.put(name, value.isString() ? value.asString() : value.toString());
      }
    }
  }

  private static boolean isGroup(String name) {
    return names().stream().anyMatch(each -> each.startsWith(name + "."));
  }

  /**
   * This, if a control plane takes what it says of sidecars.
   *
   * @throws IllegalArgumentException saying what makes no sense, by the name of the option
   */
  public InstallSettings checked() {
    var _ =
        new ProxyDefaults(
            sidecar("includeIPRanges"),
            sidecar("excludeIPRanges"),
            sidecar("excludeInboundPorts"),
            sidecar("excludeOutboundPorts"),
            sidecar("logLevel"),
            SidecarResources.chosen(
                sidecar("cpuRequest"),
                sidecar("memoryRequest"),
                sidecar("cpuLimit"),
                sidecar("memoryLimit")));
    return this;
  }

  private Optional<String> sidecar(String name) {
    return Setting.named("sidecar." + name)
        .map(setting -> value(setting).asString())
        .filter(text -> !text.isEmpty());
  }

  /** The value of a setting. */
  JsonNode get(Setting setting) {
    return value(setting).deepCopy();
  }

  private JsonNode value(Setting setting) {
    JsonNode value = values.get(setting);
    if (value == null) {
      throw new IllegalStateException("each setting has a value, but not " + setting.title());
    }
    return value;
  }

  /** The text of a setting that is one. */
  String text(Setting setting) {
    return value(setting).asString();
  }

  /** The texts of a setting that is a list of them. */
  List<String> texts(Setting setting) {
    return value(setting).values().stream().map(JsonNode::asString).toList();
  }

  /** The value of a setting; empty when it has no members. */
  Optional<JsonNode> filled(Setting setting) {
    return Optional.of(get(setting)).filter(value -> !value.isEmpty());
  }

  /** Of control plane and proxies; empty: {@code localhost/selvage:<version>}. */
  public String image() {
    return text(Setting.IMAGE);
  }

  /** Of the control plane; 0 where somebody else says how many. */
  public int replicas() {
    return value(Setting.REPLICAS).intValue();
  }

  /** The cluster's id in the mesh. */
  public String cluster() {
    return text(Setting.CLUSTER);
  }

  /** The cluster's network, where clusters cannot reach one another's Pods; or empty. */
  public String network() {
    return text(Setting.NETWORK);
  }

  /** Of a mesh configuration that is made; one that is there has its own. */
  public String trustDomain() {
    return text(Setting.TRUST_DOMAIN);
  }

  /** The mesh's id: its trust domain, unless another is set. */
  public String meshId() {
    String set = text(Setting.MESH_ID);
    return set.isEmpty() ? trustDomain() : set;
  }

  /** Whether Istio's own labels have Pods injected. */
  public IstioLabels istioLabels() {
    return IstioLabels.valueOf(text(Setting.ISTIO_LABELS).toUpperCase(Locale.ROOT));
  }

  /** Whether the mesh configuration is part of it. */
  public MeshConfig meshConfig() {
    return MeshConfig.valueOf(text(Setting.MESH_CONFIG_CREATE).toUpperCase(Locale.ROOT));
  }

  /** What {@code selvage control} is told of settings that it takes as they are. */
  List<String> arguments() {
    return Setting.ALL.stream().flatMap(each -> each.arguments(value(each)).stream()).toList();
  }

  /** As the chart has its values. */
  public ObjectNode values() {
    return tree(Setting.ALL);
  }

  /** What differs from the defaults, as JSON: how an installation remembers how it was made. */
  public String remembered() {
    return JSON.writeValueAsString(
        sorted(
            tree(
                Setting.ALL.stream()
                    .filter(each -> !value(each).equals(each.standard()))
                    .toList())));
  }

  private ObjectNode tree(List<Setting> some) {
    ObjectNode tree = JSON.createObjectNode();
    for (Setting each : some) {
      ObjectNode place = tree;
      for (String group : each.path().subList(0, each.path().size() - 1)) {
        place = place.withObject("/" + group);
      }
      place.set(each.path().getLast(), get(each));
    }
    return tree;
  }

  /** As Helm's functions order it. */
  private static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      var list = JSON.createArrayNode();
      node.forEach(each -> list.add(sorted(each)));
      return list;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode object = JSON.createObjectNode();
    Set<String> names = new TreeSet<>(node.propertyNames());
    names.forEach(name -> object.set(name, sorted(node.path(name))));
    return object;
  }

  /**
   * The settings that {@link #remembered} wrote. What this version doesn't know is left out: a
   * newer one may have written it.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static InstallSettings recalled(String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      Map<Setting, JsonNode> all = new HashMap<>(DEFAULTS.values);
      for (Setting each : Setting.ALL) {
        JsonNode value = tree;
        for (String name : each.path()) {
          value = value.path(name);
        }
        if (!value.isMissingNode()) {
          all.put(each, each.read(value));
        }
      }
      return new InstallSettings(all);
    } catch (tools.jackson.core.JacksonException e) {
      throw new IllegalArgumentException("no settings of an installation: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof InstallSettings settings && values.equals(settings.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return remembered();
  }
}
