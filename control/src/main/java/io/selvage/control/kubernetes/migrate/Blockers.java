package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.Forbidden;
import io.selvage.control.kubernetes.MeshSettingsMap;
import io.selvage.control.kubernetes.install.Surroundings;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a cluster's Istio configuration would be lost, or not be taken, under Selvage, and which
 * workloads could not move as they are.
 */
public final class Blockers {
  /** Istio configuration that Selvage does not enforce. */
  static final String NOT_ENFORCED = "SLV7284";

  /** Kinds of Istio's that are not read, and what happens without them. */
  private static final Map<String, String> UNREAD =
      Map.of(
          "VirtualService",
              "routes, retries, timeouts and faults: requests go to the Service as it is",
          "EnvoyFilter", "patches of Envoy's configuration: none is made",
          "ProxyConfig", "settings of single proxies",
          "WorkloadGroup", "templates of workloads outside of the cluster",
          "WasmPlugin", "extensions in the proxy: none runs",
          "Telemetry", "what is measured and logged; the mesh's settings hold",
          "TrafficExtension", "extensions in the proxy: none runs");

  private static final List<String> GROUPS =
      List.of(
          "networking.istio.io", "security.istio.io", "extensions.istio.io", "telemetry.istio.io");

  private static final Comparator<Blocker> WORST =
      Comparator.comparing(blocker -> !blocker.blocks());

  private final KubernetesClient client;
  private final String namespace;

  /**
   * One object.
   *
   * @param namespace empty: the mesh's settings, or a namespace itself
   * @param blocks false: something to know; true: policy or traffic would be another
   */
  public record Blocker(String namespace, String kind, String name, boolean blocks, String effect) {
    private static final String ALL = "*";

    /** All objects of a kind, which nobody could look at. */
    static Blocker unseen(String kind, String why) {
      return new Blocker("", kind, ALL, false, "not looked at: " + why);
    }

    /** Whether this stands for objects that the user may not look at. */
    public boolean lacksRights() {
      return name.equals(ALL);
    }
  }

  /**
   * @param namespace of the control planes
   */
  public Blockers(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** All of them, by namespace. */
  public List<Blocker> all() {
    List<Blocker> found = new ArrayList<>();
    MeshSettings.map(client, namespace).ifPresent(map -> found.addAll(settings(map)));
    MeshSettingsMap.ofRevisions(client, namespace).forEach(map -> found.addAll(settings(map)));
    Revisions revisions = revisions();
    for (String group : GROUPS) {
      kinds(group).forEach((kind, version) -> look(group + "/" + version, kind, revisions, found));
    }
    found.addAll(new ClusterWorkloads(client, namespace).look());
    found.sort(
        Comparator.comparing(Blocker::namespace)
            .thenComparing(Blocker::kind)
            .thenComparing(Blocker::name));
    return found;
  }

  /**
   * What a Selvage answers to in this cluster: while an Istio injects beside it, what is meant for
   * Istio's default control plane is not in force in namespaces that have moved.
   */
  private Revisions revisions() {
    return Revisions.of(Surroundings.revisionTags(client, namespace), istioLabelsAreFree());
  }

  /** Who may not look has an Istio. */
  private boolean istioLabelsAreFree() {
    return Forbidden.or(() -> Surroundings.injectors(client).isEmpty(), false);
  }

  private List<Blocker> settings(ConfigMap map) {
    map.setApiVersion("v1");
    map.setKind("ConfigMap");
    return judge(
        "",
        "MeshConfig",
        map.getMetadata().getName(),
        client.getKubernetesSerialization().asJson(map));
  }

  /** Each kind with the version that its group prefers for it. */
  private Map<String, String> kinds(String group) {
    Map<String, String> all = new TreeMap<>();
    client.getApiGroups().getGroups().stream()
        .filter(served -> served.getName().equals(group))
        .flatMap(served -> served.getVersions().stream())
        .map(GroupVersionForDiscovery::getVersion)
        .forEach(
            version ->
                client.getApiResources(group + "/" + version).getResources().stream()
                    .filter(resource -> !resource.getName().contains("/"))
                    .forEach(resource -> all.putIfAbsent(resource.getKind(), version)));
    return all;
  }

  private void look(String version, String kind, Revisions revisions, List<Blocker> found) {
    Optional<String> unread = Optional.ofNullable(UNREAD.get(kind));
    for (GenericKubernetesResource object :
        client.genericKubernetesResources(version, kind).inAnyNamespace().list().getItems()) {
      String where = object.getMetadata().getNamespace();
      String name = object.getMetadata().getName();
      Optional<String> elsewhere = elsewhere(kind, object, revisions);
      if (unread.or(() -> elsewhere).isPresent()) {
        found.add(new Blocker(where, kind, name, true, unread.or(() -> elsewhere).get()));
      } else {
        judge(where, kind, name, client.getKubernetesSerialization().asJson(object)).stream()
            .min(WORST)
            .ifPresent(found::add);
      }
    }
  }

  /** Why a resource that names another control plane would not be in force. */
  private static Optional<String> elsewhere(
      String kind, GenericKubernetesResource object, Revisions revisions) {
    return revisions
        .elsewhere(kind, Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of()))
        .map(problem -> problem.field() + ": " + problem.message());
  }

  /** What the reader that the control plane has says of it. */
  private static List<Blocker> judge(String where, String kind, String name, String json) {
    ReadResult read = ResourceReader.readObject(kind + " " + where + "/" + name, json);
    return read.problems().stream()
        .filter(problem -> problem.severity() != Problem.Severity.NOTICE)
        .map(
            problem ->
                new Blocker(
                    where,
                    kind,
                    name,
                    problem.isError(),
                    (problem.field().isEmpty() ? "" : problem.field() + ": ") + problem.message()))
        .toList();
  }
}
