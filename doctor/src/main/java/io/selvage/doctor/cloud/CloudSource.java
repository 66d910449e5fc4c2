package io.selvage.doctor.cloud;

import io.selvage.doctor.evidence.Look;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A cloud provider's own API. */
@FunctionalInterface
public interface CloudSource {
  /** Nobody to ask. */
  CloudSource NONE = _ -> Optional.empty();

  /**
   * Looks, and changes nothing.
   *
   * @return what {@link io.selvage.doctor.evidence.ClusterEvidence#cloud} has; empty when there are
   *     no credentials to ask with
   */
  Optional<Look<JsonNode>> look(Place place);

  /**
   * Where a cluster is.
   *
   * @param project the project's id
   * @param cluster empty when its name and location in the cloud are not known
   */
  record Place(String project, Optional<Cluster> cluster) {}

  /** A cluster in its project. */
  record Cluster(String location, String name) {}
}
