package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.MeshSettingsMap;
import io.selvage.model.PodTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a cluster has at one moment of what a mesh is made from, and of what makes Pods, as trees of
 * their JSON: for those who ask once, and don't watch.
 *
 * @param trees by name, {@code AuthorizationPolicy pay/deny-x}, in the order of their kinds; of the
 *     ConfigMaps, the mesh's settings, of which revisions of Istio have several
 * @param missing the CustomResourceDefinitions that the cluster doesn't have, without which its
 *     security can't be known
 */
public record ClusterObjects(Map<String, Map<String, Object>> trees, List<String> missing) {
  private static final String MESH_MAP = "istio";
  private static final String ISTIO = "networking.istio.io";
  private static final String GROUPS = "workloadgroups";

  /** What makes Pods, and Pods. */
  private enum Maker {
    DEPLOYMENT("apps", "Deployment", "deployments"),
    STATEFUL_SET("apps", "StatefulSet", "statefulsets"),
    DAEMON_SET("apps", "DaemonSet", "daemonsets"),
    REPLICA_SET("apps", "ReplicaSet", "replicasets"),
    CRON_JOB("batch", "CronJob", "cronjobs"),
    JOB("batch", "Job", "jobs"),
    POD("", "Pod", "pods");

    private final String group;
    private final String kind;
    private final String plural;

    Maker(String group, String kind, String plural) {
      this.group = group;
      this.kind = kind;
      this.plural = plural;
    }
  }

  /**
   * Asks the API server, and closes nothing.
   *
   * @param rootNamespace where the ConfigMap {@code istio} holds the mesh's settings
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when it doesn't answer, or not
   *     this user
   */
  public static ClusterObjects read(KubernetesClient client, String rootNamespace) {
    Map<String, Map<String, Object>> trees = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    try (KubernetesClient lean = ClusterConnection.withoutWriters(client)) {
      settings(lean, rootNamespace).forEach(map -> put(trees, "v1", "ConfigMap", map));
      for (WatchedKind kind : WatchedKind.values()) {
        if (kind == WatchedKind.ENDPOINT_SLICE) {
          continue; // who is ready decides nothing about policy
        }
        Optional<String> version = ServedVersions.of(lean, kind);
        if (version.isPresent()) {
          list(
              lean,
              kind.context(version.get()),
              kind.group().isEmpty() ? version.get() : kind.group() + "/" + version.get(),
              kind.kind(),
              trees);
        } else if (kind.group().equals("security.istio.io")) {
          missing.add(kind.definition());
        }
      }
      ServedVersions.of(lean, ISTIO, GROUPS, WatchedKind.WORKLOAD_ENTRY.versions())
          .ifPresent(
              version ->
                  list(
                      lean,
                      context(ISTIO, version, PodTemplate.WORKLOAD_GROUP, GROUPS),
                      ISTIO + "/" + version,
                      PodTemplate.WORKLOAD_GROUP,
                      trees));
      for (Maker maker : Maker.values()) {
        list(
            lean,
            context(maker.group, "v1", maker.kind, maker.plural),
            maker.group.isEmpty() ? "v1" : maker.group + "/v1",
            maker.kind,
            trees);
      }
    }
    return new ClusterObjects(trees, missing);
  }

  private static ResourceDefinitionContext context(
      String group, String version, String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  /** The mesh's, or those of Istio's revisions where there is no mesh's. */
  private static List<GenericKubernetesResource> settings(KubernetesClient client, String home) {
    var maps =
        client
            .genericKubernetesResources(context("", "v1", "ConfigMap", "configmaps"))
            .inNamespace(home);
    GenericKubernetesResource own = maps.withName(MESH_MAP).get();
    return own != null
        ? List.of(own)
        : MeshSettingsMap.ofRevisions(client, home).stream()
            .flatMap(map -> Optional.ofNullable(maps.withName(name(map)).get()).stream())
            .toList();
  }

  private static String name(ConfigMap map) {
    return map.getMetadata().getName();
  }

  private static void list(
      KubernetesClient client,
      ResourceDefinitionContext context,
      String apiVersion,
      String kind,
      Map<String, Map<String, Object>> trees) {
    for (GenericKubernetesResource object :
        client.genericKubernetesResources(context).inAnyNamespace().list().getItems()) {
      put(trees, apiVersion, kind, object);
    }
  }

  /** The items of a list don't say what they are. */
  private static void put(
      Map<String, Map<String, Object>> trees,
      String apiVersion,
      String kind,
      GenericKubernetesResource object) {
    object.setApiVersion(apiVersion);
    object.setKind(kind);
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    Map<String, Object> tree = ObjectTrees.of(object);
    if (tree.get("metadata") instanceof Map<?, ?> metadata) {
      Map<Object, Object> owned = new LinkedHashMap<>(metadata);
      owned.put(
          "ownerReferences",
          object.getMetadata().getOwnerReferences().stream()
              .map(owner -> Map.of("kind", owner.getKind(), "name", owner.getName()))
              .toList());
      tree.put("metadata", owned);
    }
    trees.put(kind + " " + (namespace == null ? name : namespace + "/" + name), tree);
  }
}
