package io.selvage.control.workload;

import java.util.List;

/**
 * Another cluster of the mesh, as far as its neighbours see it: its workloads are endpoints of the
 * services that have the same name and namespace here (namespace sameness).
 */
public interface RemoteCluster {
  /** The other cluster's id. */
  String id();

  /** Its own workloads at this moment, without those that it learnt from its neighbours. */
  List<WorkloadInstance> instances();

  /**
   * Has {@code listener} run after each change of {@link #instances()}, on any thread; it must
   * return at once.
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
