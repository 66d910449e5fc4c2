package io.selvage.cli.mesh;

import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.workloads.WorkloadSpec;
import java.util.Optional;

/**
 * A workload with the place that it was given.
 *
 * @param address at which other workloads reach it
 * @param place its network namespace; empty without namespaces
 * @param proxyPlace that of its proxy's container, where it is another one
 * @param application the address at which its application listens
 */
public record CarriedWorkload(
    WorkloadSpec spec,
    String address,
    Optional<WorkloadNamespace> place,
    Optional<WorkloadNamespace> proxyPlace,
    String application) {

  /** Where the proxy offers itself as an HTTP proxy, when nothing is captured. */
  public static final int HTTP_PROXY_PORT = 15080;

  /** What tells it apart in a mesh. */
  public Key key() {
    return new Key(spec.cluster(), spec.namespace(), spec.name());
  }

  /** Cluster, namespace and name. */
  public record Key(String cluster, String namespace, String name) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return cluster + "/" + namespace + "/" + name;
    }
  }
}
