package io.selvage.control.workload;

import io.selvage.model.WorkloadView;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One running workload of one cluster: what Kubernetes calls a pod.
 *
 * @param name unique in its namespace and cluster
 * @param namespace where its policies are
 * @param serviceAccount its identity within the namespace
 * @param labels what selectors see
 * @param address literal IP at which other workloads reach it
 * @param ports its own ports by name, such as {@code http: 8000}; for services whose target port is
 *     a name
 * @param apps where the program itself listens, {@code host:port} by own port, when its connections
 *     are not captured; without an entry it is the original destination, or {@code 127.0.0.1} where
 *     there is none
 * @param cluster id of the cluster that it runs in
 * @param network what its own label {@code topology.istio.io/network} says; empty: its cluster's
 * @param locality {@code region/zone/subzone}; empty when unknown
 * @param node name of the node that it runs on; empty: on none that is known
 * @param weight share of a service's traffic among its endpoints, 1..
 * @param hasProxy a proxy with a mesh identity takes its connections, so peers speak mTLS to it
 */
public record WorkloadInstance(
    String name,
    String namespace,
    String serviceAccount,
    Map<String, String> labels,
    String address,
    Map<String, Integer> ports,
    Map<Integer, String> apps,
    String cluster,
    String network,
    String locality,
    String node,
    int weight,
    boolean hasProxy)
    implements Comparable<WorkloadInstance> {

  public WorkloadInstance {
    labels = sorted(labels);
    ports = sorted(ports);
    apps = sorted(apps);
    if (weight < 1) {
      throw new IllegalArgumentException("an endpoint's weight is at least 1, not " + weight);
    }
  }

  /** An instance on no node that is known. */
  public WorkloadInstance(
      String name,
      String namespace,
      String serviceAccount,
      Map<String, String> labels,
      String address,
      Map<String, Integer> ports,
      Map<Integer, String> apps,
      String cluster,
      String network,
      String locality,
      int weight,
      boolean hasProxy) {
    this(
        name,
        namespace,
        serviceAccount,
        labels,
        address,
        ports,
        apps,
        cluster,
        network,
        locality,
        "",
        weight,
        hasProxy);
  }

  /** The same in its cluster's network. */
  public WorkloadInstance(
      String name,
      String namespace,
      String serviceAccount,
      Map<String, String> labels,
      String address,
      Map<String, Integer> ports,
      Map<Integer, String> apps,
      String cluster,
      String locality,
      int weight,
      boolean hasProxy) {
    this(
        name,
        namespace,
        serviceAccount,
        labels,
        address,
        ports,
        apps,
        cluster,
        "",
        locality,
        weight,
        hasProxy);
  }

  /** The same in a network, unless it says itself in which it is. */
  public WorkloadInstance on(String otherNetwork) {
    return otherNetwork.isEmpty() || !network.isEmpty()
        ? this
        : new WorkloadInstance(
            name,
            namespace,
            serviceAccount,
            labels,
            address,
            ports,
            apps,
            cluster,
            otherNetwork,
            locality,
            node,
            weight,
            hasProxy);
  }

  private static <K, V> Map<K, V> sorted(Map<K, V> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
  }

  /** What tells instances apart: {@code cluster/namespace/name}. */
  public String key() {
    return cluster + "/" + namespace + "/" + name;
  }

  /** The workload as selectors see it. */
  public WorkloadView view() {
    return new WorkloadView(namespace, labels);
  }

  /** By namespace, name, then cluster: the order in which endpoints are listed. */
  @Override
  public int compareTo(WorkloadInstance other) {
    int byNamespace = namespace.compareTo(other.namespace);
    int byName = byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    return byName != 0 ? byName : cluster.compareTo(other.cluster);
  }
}
