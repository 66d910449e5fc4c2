package io.selvage.doctor.local;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a mesh on this machine: those resources that its control plane holds, as their
 * files have them, and for each workload a Pod, a ServiceAccount and a Namespace as Kubernetes
 * would have them.
 */
final class LocalObjects {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** As the control plane names what workloads imply. */
  private static final String IMPLIED = "workloads.yaml";

  private static final String SETTINGS = "MeshConfig";
  private static final String ROOT = "istio-system";
  private static final LoadSettings YAML = LoadSettings.builder().build();

  private final LocalMesh mesh;
  private final LocalMesh.Cluster cluster;
  private final Map<Kind, List<ApiObject>> byKind = new EnumMap<>(Kind.class);

  LocalObjects(LocalMesh mesh, LocalMesh.Cluster cluster) {
    this.mesh = mesh;
    this.cluster = cluster;
    for (Kind kind : Kind.values()) {
      if (isOfFolder(kind)) {
        byKind.put(kind, new ArrayList<>());
      }
    }
  }

  private static boolean isOfFolder(Kind kind) {
    return kind.group().endsWith(".istio.io")
        || Set.of(
                Kind.NAMESPACE,
                Kind.POD,
                Kind.SERVICE,
                Kind.SERVICE_ACCOUNT,
                Kind.CONFIG_MAP,
                Kind.SECRET)
            .contains(kind);
  }

  /**
   * All.
   *
   * @param configuration what the control plane holds: {@code kind}, {@code namespace}, {@code
   *     name} and {@code at} of each
   */
  Objects of(Look<JsonNode> configuration) {
    Map<Kind, Look<List<ApiObject>>> seen = new EnumMap<>(Kind.class);
    switch (configuration) {
      case Look.Unseen<JsonNode> unseen -> byKind.keySet().forEach(k -> seen.put(k, like(unseen)));
      case Look.Seen<JsonNode>(JsonNode held) -> {
        Map<String, String> unread = resources(held);
        workloads();
        implied(unread);
        byKind.forEach(
            (kind, all) -> {
              String why = unread.get(kind.singular());
              seen.put(kind, why == null ? Look.seen(List.copyOf(all)) : Look.unseen(why));
            });
      }
    }
    return new Objects(seen);
  }

  private static Look<List<ApiObject>> like(Look.Unseen<JsonNode> unseen) {
    return new Look.Unseen<>(unseen.why(), unseen.missing());
  }

  /**
   * Reads the files that the control plane names.
   *
   * @return kinds that have objects in a file that cannot be read, and why
   */
  private Map<String, String> resources(JsonNode held) {
    Set<String> wanted = new LinkedHashSet<>();
    Map<String, Set<String>> kindsOf = new LinkedHashMap<>();
    for (JsonNode one : held) {
      String kind = one.path("kind").asString("");
      wanted.add(key(kind, one.path("namespace").asString(""), one.path("name").asString("")));
      String source = one.path("at").asString("").replaceFirst(":[0-9]+$", "");
      if (!source.equals(IMPLIED)) {
        kindsOf.computeIfAbsent(source, _ -> new LinkedHashSet<>()).add(kind);
      }
    }
    Map<String, String> unread = new LinkedHashMap<>();
    kindsOf.forEach(
        (source, kinds) -> {
          try {
            for (Object document : new Load(YAML).loadAllFromString(mesh.file(source))) {
              if (JSON.valueToTree(document) instanceof ObjectNode object) {
                add(object, wanted);
              }
            }
          } catch (IOException | YamlEngineException e) {
            String why =
                "some are declared in %s, which could not be read: %s"
                    .formatted(source, e.getMessage());
            kinds.forEach(kind -> unread.put(kind, why));
          }
        });
    return unread;
  }

  /** What no file declares. */
  private void implied(Map<String, String> unread) {
    try {
      for (ObjectNode object : mesh.implied(cluster.name())) {
        Kind.named(object.path("kind").asString("")).ifPresent(kind -> put(kind, object));
      }
    } catch (IOException e) {
      String why = "the mesh does not say what it implies: " + e.getMessage();
      for (Kind kind : List.of(Kind.SERVICE, Kind.CONFIG_MAP, Kind.SECRET)) {
        unread.putIfAbsent(kind.singular(), why);
      }
    }
  }

  private void add(ObjectNode object, Set<String> wanted) {
    String kind = object.path("kind").asString("");
    if (kind.equals(SETTINGS)) {
      add(settings(object), wanted);
      return;
    }
    ObjectNode metadata = object.withObject("/metadata");
    for (Kind known : byKind.keySet()) {
      if (known.singular().equals(kind)) {
        if (known.isNamespaced() && !metadata.has("namespace")) {
          metadata.put("namespace", "default");
        }
        ApiObject found = new ApiObject(object);
        if (wanted.contains(
            known == Kind.CONFIG_MAP
                ? key(SETTINGS, "", found.name())
                : key(kind, found.namespace(), found.name()))) {
          byKind.getOrDefault(known, new ArrayList<>()).add(found);
        }
      }
    }
  }

  /** Settings that are written as an object of their own, as the ConfigMap that Istio has. */
  private static ObjectNode settings(ObjectNode object) {
    ObjectNode map = object(Kind.CONFIG_MAP, ROOT, object.at("/metadata/name").asString("default"));
    JsonNode settings = object.has("spec") ? object.path("spec") : own(object);
    map.putObject("data").put("mesh", JSON.writeValueAsString(settings));
    return map;
  }

  private static ObjectNode own(ObjectNode object) {
    return object.deepCopy().remove(List.of("apiVersion", "kind", "metadata", "status"));
  }

  private static String key(String kind, String namespace, String name) {
    return kind + "/" + namespace + "/" + name;
  }

  private void workloads() {
    Set<String> namespaces = new TreeSet<>();
    Set<String> accounts = new TreeSet<>();
    for (LocalMesh.Workload workload : cluster.workloads()) {
      if (namespaces.add(workload.namespace())) {
        put(Kind.NAMESPACE, object(Kind.NAMESPACE, "", workload.namespace()));
      }
      if (accounts.add(workload.namespace() + "/" + workload.serviceAccount())) {
        put(
            Kind.SERVICE_ACCOUNT,
            object(Kind.SERVICE_ACCOUNT, workload.namespace(), workload.serviceAccount()));
      }
      put(Kind.POD, pod(workload));
    }
  }

  private ObjectNode pod(LocalMesh.Workload workload) {
    ObjectNode pod = object(Kind.POD, workload.namespace(), workload.name());
    workload.labels().forEach((name, value) -> pod.withObject("/metadata/labels").put(name, value));
    pod.withObject("/spec")
        .put("serviceAccountName", workload.serviceAccount())
        .putArray("containers")
        .addObject()
        .put("name", "istio-proxy");
    ObjectNode status = pod.withObject("/status");
    status.put("phase", "Running");
    status.put("podIP", workload.address());
    status.putArray("conditions").addObject().put("type", "Ready").put("status", "True");
    return pod;
  }

  private static ObjectNode object(Kind kind, String namespace, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", kind.version());
    object.put("kind", kind.singular());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    return object;
  }

  private void put(Kind kind, ObjectNode object) {
    byKind.getOrDefault(kind, new ArrayList<>()).add(new ApiObject(object));
  }
}
