package io.selvage.control.workload;

import java.util.List;
import java.util.Optional;

/**
 * Another cluster of the mesh, as far as its neighbours see it: its workloads are endpoints of the
 * services that have the same name and namespace here (namespace sameness).
 */
public interface RemoteCluster {
  /** The other cluster's id. */
  String id();

  /** Its own workloads at this moment, without those that it learnt from its neighbours. */
  List<WorkloadInstance> instances();

  /** What it says of itself at this moment; by itself: its Services are the mesh's. */
  default ClusterView view() {
    return new ClusterView(id(), "", Optional.empty());
  }

  /**
   * Has {@code listener} run after each change of {@link #instances()} and {@link #view()}, on any
   * thread; it must return at once.
   *
   * @return stops the calls when closed
   */
  Subscription onChange(Runnable listener);

  /** A standing request for notice; closing it ends the notices. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
