package io.selvage.doctor.check.injection;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.Written;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A Pod that a controller could not create, by its event: events outlive what they tell of. */
final class FailedCreation {
  private FailedCreation() {}

  /**
   * Its controller has all the Pods that it wants, or has made one since, or is a ReplicaSet that
   * wants none any more.
   */
  static boolean isOver(ApiObject event, Instant failed, ClusterEvidence cluster) {
    JsonNode of = event.at("/involvedObject");
    List<ApiObject> sets =
        cluster.objects().all(Kind.REPLICA_SET).stream()
            .filter(set -> set.namespace().equals(event.namespace()))
            .filter(set -> isNamed(of, set.kind(), set.name()))
            .toList();
    boolean isGone =
        of.path("kind").asString("").equals("ReplicaSet")
            && sets.isEmpty()
            && cluster.objects().look(Kind.REPLICA_SET).found().isPresent();
    boolean isComplete =
        sets.stream()
            .anyMatch(
                set -> set.at("/spec/replicas").asInt(1) == set.at("/status/replicas").asInt(0));
    return isGone
        || isComplete
        || cluster.objects().all(Kind.POD).stream()
            .filter(pod -> pod.namespace().equals(event.namespace()))
            .filter(
                pod ->
                    pod.at("/metadata/ownerReferences")
                        .valueStream()
                        .anyMatch(
                            owner ->
                                isNamed(
                                    of,
                                    owner.path("kind").asString(""),
                                    owner.path("name").asString(""))))
            .flatMap(pod -> Written.instant(pod.text("/metadata/creationTimestamp")).stream())
            .anyMatch(made -> !made.isBefore(failed));
  }

  private static boolean isNamed(JsonNode object, String kind, String name) {
    return object.path("kind").asString("").equals(kind)
        && object.path("name").asString("").equals(name);
  }
}
