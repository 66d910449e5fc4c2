package io.selvage.doctor.kubernetes.fix;

import io.selvage.doctor.ObjectRef;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Whether a workload's Pods are the newest and ready, by its status. */
final class Settled {
  private Settled() {}

  /** What is missing, in words; empty when nothing is. */
  static Optional<String> missing(ObjectRef workload, JsonNode object) {
    JsonNode status = object.path("status");
    boolean isSeen =
        status.path("observedGeneration").asLong(0) >= object.at("/metadata/generation").asLong(0);
    boolean isDaemonSet = workload.kind().equals("DaemonSet");
    int wanted =
        isDaemonSet
            ? status.path("desiredNumberScheduled").asInt(0)
            : object.at("/spec/replicas").asInt(1);
    int fresh = status.path(isDaemonSet ? "updatedNumberScheduled" : "updatedReplicas").asInt(0);
    int ready = status.path(isDaemonSet ? "numberReady" : "readyReplicas").asInt(0);
    int all = isDaemonSet ? wanted : status.path("replicas").asInt(0);
    return isSeen && fresh == wanted && ready == wanted && all == wanted
        ? Optional.empty()
        : Optional.of(
            "%s: %d of %d Pods are new and ready"
                .formatted(workload, Math.min(fresh, ready), wanted));
  }
}
