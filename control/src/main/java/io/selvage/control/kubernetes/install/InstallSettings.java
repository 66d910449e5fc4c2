package io.selvage.control.kubernetes.install;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What can be set of an installation: the values of the Helm chart, of {@code --set}, and of what a
 * Deployment remembers of how it was installed.
 *
 * @param image of control plane and proxies; empty: {@code localhost/selvage:<version>}
 * @param replicas of the control plane, at least 1
 * @param cluster the cluster's id in the mesh
 * @param network the cluster's network, where clusters cannot reach one another's Pods; or empty
 * @param trustDomain of a mesh configuration that is made; one that is there has its own
 * @param istioLabels whether Istio's own labels have Pods injected
 * @param nativeSidecars as {@code selvage control --native-sidecars}: auto, true or false
 * @param cpu what a replica asks for, a Kubernetes quantity
 * @param memory as {@code cpu}
 * @param memoryLimit beyond which a replica is ended
 */
public record InstallSettings(
    String image,
    int replicas,
    String cluster,
    String network,
    String trustDomain,
    IstioLabels istioLabels,
    String nativeSidecars,
    String cpu,
    String memory,
    String memoryLimit) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern LABEL =
      Pattern.compile("[a-z0-9A-Z]([a-z0-9A-Z._-]{0,61}[a-z0-9A-Z])?");
  private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
  private static final Pattern QUANTITY = Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?");
  private static final Pattern IMAGE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._:/@-]*|");

  /** What is meant where nothing is said. */
  public static final InstallSettings DEFAULTS =
      new InstallSettings(
          "",
          1,
          "Kubernetes",
          "",
          "cluster.local",
          IstioLabels.AUTO,
          "auto",
          "100m",
          "256Mi",
          "1Gi");

  /** Whether {@code istio-injection=enabled} and {@code sidecar.istio.io/inject=true} are ours. */
  public enum IstioLabels {
    /** If no other injector in the cluster acts on them. */
    AUTO,
    YES,
    NO;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException saying which value cannot be
   */
  public InstallSettings {
    check("image", image, IMAGE);
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas must be at least 1, not " + replicas);
    }
    check("cluster", cluster, LABEL);
    if (!network.isEmpty()) {
      check("network", network, LABEL);
    }
    check("trustDomain", trustDomain, TRUST_DOMAIN);
    check("nativeSidecars", nativeSidecars, Pattern.compile("auto|true|false"));
    check("cpu", cpu, QUANTITY);
    check("memory", memory, QUANTITY);
    check("memoryLimit", memoryLimit, QUANTITY);
  }

  private static void check(String name, String value, Pattern pattern) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException("%s cannot be \"%s\"".formatted(name, value));
    }
  }

  /** The names of what can be set. */
  public static Set<String> names() {
    return DEFAULTS.values().keySet();
  }

  /**
   * With one value set.
   *
   * @throws IllegalArgumentException when there is no such setting, or it cannot have that value
   */
  public InstallSettings with(String name, String value) {
    Map<String, Object> values = values();
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException(
          "there is no setting %s, but %s".formatted(name, String.join(", ", values.keySet())));
    }
    values.put(name, value);
    return of(values);
  }

  /** By name, in the order of their declaration. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("image", image);
    values.put("replicas", replicas);
    values.put("cluster", cluster);
    values.put("network", network);
    values.put("trustDomain", trustDomain);
    values.put("istioLabels", istioLabels.toString());
    values.put("nativeSidecars", nativeSidecars);
    values.put("cpu", cpu);
    values.put("memory", memory);
    values.put("memoryLimit", memoryLimit);
    return values;
  }

  private static InstallSettings of(Map<String, Object> values) {
    return new InstallSettings(
        text(values, "image"),
        whole(text(values, "replicas")),
        text(values, "cluster"),
        text(values, "network"),
        text(values, "trustDomain"),
        labels(text(values, "istioLabels")),
        text(values, "nativeSidecars"),
        text(values, "cpu"),
        text(values, "memory"),
        text(values, "memoryLimit"));
  }

  private static String text(Map<String, Object> values, String name) {
    return String.valueOf(values.get(name));
  }

  private static int whole(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("replicas must be a number, not " + text, e);
    }
  }

  private static IstioLabels labels(String text) {
    for (IstioLabels each : IstioLabels.values()) {
      if (each.toString().equals(text)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "istioLabels is one of %s, not %s".formatted(List.of(IstioLabels.values()), text));
  }

  /** What differs from the defaults, as JSON: how an installation remembers how it was made. */
  public String remembered() {
    Map<String, Object> values = new TreeMap<>(values()); // as Helm's toJson orders them
    values.entrySet().removeAll(DEFAULTS.values().entrySet());
    return JSON.writeValueAsString(values);
  }

  /**
   * The settings that {@link #remembered} wrote. What this version doesn't know is left out: a
   * newer one may have written it.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static InstallSettings recalled(String json) {
    try {
      Map<String, Object> values = DEFAULTS.values();
      for (Map.Entry<String, JsonNode> field : JSON.readTree(json).properties()) {
        values.replace(field.getKey(), field.getValue().asString());
      }
      return of(values);
    } catch (tools.jackson.core.JacksonException e) {
      throw new IllegalArgumentException("no settings of an installation: " + e.getMessage(), e);
    }
  }
}
