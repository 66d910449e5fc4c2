package io.selvage.doctor.kubernetes;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the objects of a cluster, kind by kind; one that may not be read leaves the others be. */
final class ObjectCollector {
  private static final String ROOTS = "istio-ca-root-cert";
  private static final String NODE_LEASES = "kube-node-lease";

  /** Of these, not all of the cluster's are any business of a mesh. */
  private static final Set<Kind> LOCAL = EnumSet.of(Kind.CONFIG_MAP, Kind.SECRET, Kind.LEASE);

  /** Who wrote which field is a question of these only, and half of an object of the others. */
  private static final Set<Kind> AUTHORED =
      EnumSet.of(
          Kind.NAMESPACE,
          Kind.CONFIG_MAP,
          Kind.SECRET,
          Kind.MUTATING_WEBHOOK,
          Kind.VALIDATING_WEBHOOK,
          Kind.AUTHORIZATION_POLICY,
          Kind.PEER_AUTHENTICATION,
          Kind.REQUEST_AUTHENTICATION,
          Kind.DESTINATION_RULE);

  private final ApiReader reader;
  private final Parallel parallel;

  ObjectCollector(ApiReader reader, Parallel parallel) {
    this.reader = reader;
    this.parallel = parallel;
  }

  /** All kinds that are read in the whole cluster. */
  Map<Kind, Look<List<ApiObject>>> ofCluster() {
    List<Kind> kinds = Stream.of(Kind.values()).filter(kind -> !LOCAL.contains(kind)).toList();
    List<Look<List<ApiObject>>> read =
        parallel.each(kinds, kind -> list(kind, version(kind), "", query(kind)));
    Map<Kind, Look<List<ApiObject>>> all = new EnumMap<>(Kind.class);
    for (int i = 0; i < kinds.size(); i++) {
      all.put(kinds.get(i), read.get(i));
    }
    return all;
  }

  /** The ConfigMaps of a namespace. */
  Look<List<ApiObject>> configMaps(String namespace) {
    return list(Kind.CONFIG_MAP, "v1", namespace, "");
  }

  /** What every namespace is told to trust. */
  Look<List<ApiObject>> roots() {
    return list(Kind.CONFIG_MAP, "v1", "", "&fieldSelector=metadata.name%3D" + ROOTS);
  }

  /** The Secrets of the control plane's namespace and of those that have gateways. */
  Look<List<ApiObject>> secrets(String home, Objects objects) {
    Set<String> namespaces = new TreeSet<>(Gateways.namespaces(objects));
    namespaces.add(home);
    return all(parallel.each(List.copyOf(namespaces), one -> list(Kind.SECRET, "v1", one, "")));
  }

  /** The nodes' and the control plane's. */
  Look<List<ApiObject>> leases(String home) {
    return all(parallel.each(List.of(NODE_LEASES, home), one -> list(Kind.LEASE, "v1", one, "")));
  }

  /** Everything, or why a part could not be seen. */
  static <T> Look<List<T>> all(List<Look<List<T>>> parts) {
    List<T> found = new ArrayList<>();
    for (Look<List<T>> part : parts) {
      switch (part) {
        case Look.Seen<List<T>>(List<T> some) -> found.addAll(some);
        case Look.Unseen<List<T>> unseen -> {
          return unseen;
        }
      }
    }
    return Look.seen(List.copyOf(found));
  }

  private static String query(Kind kind) {
    return kind == Kind.EVENT ? "&fieldSelector=type%21%3DNormal" : "";
  }

  /** An old Istio does not serve {@code v1} of its kinds. */
  private String version(Kind kind) {
    if (!kind.group().endsWith(".istio.io")) {
      return kind.version();
    }
    String path = "/apis/" + kind.group();
    return reader
        .document(path, new Right("get", path, "", ""))
        .found()
        .map(
            group -> {
              for (JsonNode version : group.path("versions")) {
                if (version.path("version").asString("").equals(kind.version())) {
                  return kind.version();
                }
              }
              return group.at("/preferredVersion/version").asString(kind.version());
            })
        .orElse(kind.version());
  }

  private Look<List<ApiObject>> list(Kind kind, String version, String namespace, String query) {
    String resource = kind.plural() + (kind.group().isEmpty() ? "" : "." + kind.group());
    return reader
        .items(
            Paths.of(kind, version, namespace), query, new Right("list", resource, "", namespace))
        .map(
            items ->
                items.stream()
                    .filter(item -> isOurs(kind, item))
                    .map(item -> new ApiObject(kept(kind, version, item)))
                    .toList());
  }

  private static boolean isOurs(Kind kind, ObjectNode item) {
    return switch (kind) {
      case CUSTOM_RESOURCE_DEFINITION -> isOfAMesh(item.at("/spec/group").asString(""));
      case REPLICA_SET -> // what was rolled out before is not
          item.at("/spec/replicas").asInt(1) > 0 || item.at("/status/replicas").asInt(0) > 0;
      case SECRET -> !item.path("type").asString("").equals("helm.sh/release.v1");
      default -> true;
    };
  }

  private static boolean isOfAMesh(String group) {
    return group.endsWith("istio.io")
        || group.endsWith("selvage.io")
        || group.equals("gateway.networking.k8s.io")
        || group.equals("mesh.cloud.google.com");
  }

  private static ObjectNode kept(Kind kind, String version, ObjectNode item) {
    item.put("apiVersion", kind.group().isEmpty() ? version : kind.group() + "/" + version);
    item.put("kind", kind.singular());
    if (item.path("metadata") instanceof ObjectNode metadata && !AUTHORED.contains(kind)) {
      metadata.remove("managedFields");
    }
    if (kind == Kind.CUSTOM_RESOURCE_DEFINITION) {
      for (JsonNode each : item.at("/spec/versions")) {
        if (each instanceof ObjectNode one) {
          one.remove("schema");
        }
      }
    }
    return Redaction.of(kind, item);
  }
}
