package io.selvage.control;

import io.selvage.control.workload.ClusterView;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.xds.server.NodeId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The workloads whose proxies may ask, by their cluster, namespace and name. */
final class Callers {
  private final String own;
  private final Set<String> others = new HashSet<>();
  private final Map<String, WorkloadInstance> byKey = new HashMap<>();

  /**
   * Those that are there at one moment.
   *
   * @param clusters of which the own one is a node's that names none, or one that is not known
   */
  Callers(Collection<WorkloadInstance> all, ClusterView.All clusters) {
    this.own = clusters.own().id();
    for (ClusterView other : clusters.neighbours()) {
      if (other.declared().isPresent()) {
        others.add(other.id());
      }
    }
    all.forEach(instance -> byKey.put(instance.key(), instance));
  }

  /** The workload that a node says it stands before. */
  Optional<WorkloadInstance> of(NodeId node) {
    String named = node.metadata().getOrDefault("CLUSTER_ID", own);
    String cluster = others.contains(named) ? named : own;
    return Optional.ofNullable(byKey.get(cluster + "/" + node.namespace() + "/" + node.name()));
  }
}
