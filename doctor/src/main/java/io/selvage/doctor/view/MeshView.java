package io.selvage.doctor.view;

import io.selvage.control.workload.InboundPort;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a cluster as the mesh understands them: what is declared, and which Pods it is
 * for.
 *
 * @param snapshot what could be read of Istio's and Kubernetes' objects, with the settings of the
 *     mesh
 * @param pods those that have not come to an end
 * @param services joined from both
 * @param refused objects that the reader refuses; nobody knows what they mean
 */
public record MeshView(
    MeshSnapshot snapshot,
    List<PodView> pods,
    ServiceRegistry services,
    List<ReadResult.Refused> refused) {
  private static final List<Kind> READ =
      List.of(
          Kind.NAMESPACE,
          Kind.SERVICE,
          Kind.SERVICE_ACCOUNT,
          Kind.ENDPOINT_SLICE,
          Kind.AUTHORIZATION_POLICY,
          Kind.PEER_AUTHENTICATION,
          Kind.REQUEST_AUTHENTICATION,
          Kind.DESTINATION_RULE,
          Kind.SERVICE_ENTRY,
          Kind.WORKLOAD_ENTRY,
          Kind.GATEWAY);

  /** Of what was seen of a cluster; kinds that were not seen count as having no objects. */
  public static MeshView of(ClusterEvidence cluster) {
    return cluster.objects().derived(MeshView.class, _ -> read(cluster));
  }

  private static MeshView read(ClusterEvidence cluster) {
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    List<ReadResult.Refused> refused = new ArrayList<>();
    Stream.concat(
            READ.stream().flatMap(kind -> cluster.objects().all(kind).stream()),
            settings(cluster).stream())
        .forEach(
            object -> {
              ReadResult read = ResourceReader.readObject(object.ref().toString(), tree(object));
              resources.addAll(read.resources());
              problems.addAll(read.problems());
              refused.addAll(read.refused());
            });
    List<PodView> pods =
        cluster.objects().all(Kind.POD).stream()
            .map(PodView::new)
            .filter(pod -> !pod.isOver())
            .toList();
    MeshSnapshot snapshot = MeshSnapshot.of(1, resources, problems);
    return new MeshView(
        snapshot,
        pods,
        ServiceRegistry.of(
            snapshot,
            pods.stream().filter(p -> !p.address().isEmpty()).map(PodView::instance).toList()),
        List.copyOf(refused));
  }

  private static Optional<ApiObject> settings(ClusterEvidence cluster) {
    String namespace = cluster.flavour().found().map(Flavour::namespace).orElse("istio-system");
    Stream<String> names =
        Stream.concat(
            Stream.of("istio"),
            cluster.flavour().found().stream()
                .flatMap(flavour -> flavour.revisions().stream())
                .map(revision -> "istio-" + revision.name()));
    return names
        .flatMap(name -> cluster.objects().find(Kind.CONFIG_MAP, namespace, name).stream())
        .findFirst();
  }

  /** Without what only an API server writes, which no reader of configuration judges. */
  private static Map<String, Object> tree(ApiObject object) {
    Map<String, Object> tree = map(object.json());
    if (object.json().path("metadata") instanceof ObjectNode meta) {
      Map<String, Object> kept = new LinkedHashMap<>();
      for (String field :
          List.of("name", "namespace", "labels", "annotations", "creationTimestamp")) {
        if (meta.has(field)) {
          kept.put(field, value(meta.path(field)));
        }
      }
      tree.put("metadata", kept);
    }
    return tree;
  }

  private static Map<String, Object> map(ObjectNode node) {
    Map<String, Object> map = new LinkedHashMap<>();
    node.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                map.put(entry.getKey(), value(entry.getValue()));
              }
            });
    return map;
  }

  private static Object value(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> map(object);
      case JsonNode array when array.isArray() -> array.valueStream().map(MeshView::value).toList();
      case JsonNode number when number.isNumber() -> number.numberValue();
      case JsonNode truth when truth.isBoolean() -> truth.asBoolean();
      case JsonNode text -> text.asString("");
    };
  }

  public MeshConfig settings() {
    return snapshot.meshConfig();
  }

  /** The Pods whose connections a proxy of the mesh takes. */
  public List<PodView> inMesh() {
    return pods.stream().filter(PodView::isInMesh).toList();
  }

  /** Those with a sidecar. */
  public List<PodView> sidecars() {
    return pods.stream().filter(PodView::hasSidecar).toList();
  }

  /** The ports of a Pod that Services declare. */
  public List<InboundPort> ports(PodView pod) {
    return services.inboundPorts(pod.instance());
  }

  /** The Pod by name; empty when there is none. */
  public Optional<PodView> pod(String namespace, String name) {
    return pods.stream()
        .filter(one -> one.namespace().equals(namespace) && one.name().equals(name))
        .findFirst();
  }
}
