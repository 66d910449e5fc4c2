package io.selvage.control.workload;

import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who answers on one port of one service.
 *
 * @param address literal IP, or a DNS name for a service with that resolution
 * @param port 1..65535
 * @param weight 1..
 * @param cluster id of the cluster that it is in; empty: of none
 * @param network where it is reached; empty: everywhere
 * @param locality {@code region/zone/subzone}; empty when unknown
 * @param node name of the node that it runs on; empty when unknown
 * @param labels for the subsets of DestinationRules
 * @param namespace where its policies are
 * @param serviceAccount empty when it has no identity
 * @param mutualTls it takes mTLS with a mesh identity on this port
 * @param workload who it is, for telemetry
 */
public record ServiceEndpoint(
    String address,
    int port,
    int weight,
    String cluster,
    String network,
    String locality,
    String node,
    Map<String, String> labels,
    String namespace,
    String serviceAccount,
    boolean mutualTls,
    ClusterLoadAssignment.Workload workload) {

  /** An endpoint on no node that is known. */
  public ServiceEndpoint(
      String address,
      int port,
      int weight,
      String cluster,
      String network,
      String locality,
      Map<String, String> labels,
      String namespace,
      String serviceAccount,
      boolean mutualTls,
      ClusterLoadAssignment.Workload workload) {
    this(
        address,
        port,
        weight,
        cluster,
        network,
        locality,
        "",
        labels,
        namespace,
        serviceAccount,
        mutualTls,
        workload);
  }

  /**
   * A label as subsets and failover priorities see it: its own, or where it is, by Istio's names
   * ({@code topology.istio.io/cluster} and the others); null when it has none.
   */
  public @Nullable String label(String name) {
    String place =
        switch (name) {
          case "topology.istio.io/cluster" -> cluster;
          case "topology.istio.io/network" -> network;
          case "topology.kubernetes.io/region" -> Places.region(locality);
          case "topology.kubernetes.io/zone" -> Places.zone(locality);
          case "topology.istio.io/subzone" -> Places.subzone(locality);
          case Places.NODE -> node;
          default -> "";
        };
    return place.isEmpty() ? labels.get(name) : place;
  }

  /** Whether it has all of these labels. */
  public boolean hasAll(Map<String, String> wanted) {
    return wanted.entrySet().stream().allMatch(one -> one.getValue().equals(label(one.getKey())));
  }

  /** The same with another weight. */
  public ServiceEndpoint weighing(int other) {
    return other == weight
        ? this
        : new ServiceEndpoint(
            address,
            port,
            other,
            cluster,
            network,
            locality,
            node,
            labels,
            namespace,
            serviceAccount,
            mutualTls,
            workload);
  }
}
