package io.selvage.doctor.mesh;

import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Who made a Pod, and can make it anew. */
public final class Owners {
  private static final Set<String> RESTARTABLE = Set.of("Deployment", "StatefulSet", "DaemonSet");

  private Owners() {}

  /** The Deployment, StatefulSet or DaemonSet of a Pod; empty for a Pod of none of these. */
  public static Optional<ObjectRef> workload(Objects objects, ApiObject pod) {
    Optional<JsonNode> owner = controller(pod);
    if (owner.isEmpty()) {
      return Optional.empty();
    }
    String kind = owner.get().path("kind").asString("");
    String name = owner.get().path("name").asString("");
    if (RESTARTABLE.contains(kind)) {
      return Optional.of(new ObjectRef(kind, pod.namespace(), name));
    }
    return kind.equals("ReplicaSet")
        ? objects
            .find(Kind.REPLICA_SET, pod.namespace(), name)
            .flatMap(Owners::controller)
            .filter(above -> RESTARTABLE.contains(above.path("kind").asString("")))
            .map(
                above ->
                    new ObjectRef(
                        above.path("kind").asString(""),
                        pod.namespace(),
                        above.path("name").asString("")))
            .or(() -> byHash(pod, name))
        : Optional.empty();
  }

  private static Optional<JsonNode> controller(ApiObject object) {
    return object
        .at("/metadata/ownerReferences")
        .valueStream()
        .filter(one -> one.path("controller").asBoolean(false))
        .findFirst();
  }

  /** A ReplicaSet that was not read is called after its Deployment and the Pods' hash. */
  private static Optional<ObjectRef> byHash(ApiObject pod, String replicaSet) {
    String hash = pod.labels().getOrDefault("pod-template-hash", "");
    return !hash.isEmpty() && replicaSet.endsWith("-" + hash)
        ? Optional.of(
            new ObjectRef(
                "Deployment",
                pod.namespace(),
                replicaSet.substring(0, replicaSet.length() - hash.length() - 1)))
        : Optional.empty();
  }
}
