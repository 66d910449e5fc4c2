package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clusters of one workload by name. Routes keep a {@link Slot}, so that a request finds its
 * cluster without a look-up and a changed cluster is seen at once.
 */
public final class Clusters {
  /** The place of one name; empty until such a cluster is configured. */
  public static final class Slot {
    private final String name;
    private volatile @Nullable UpstreamCluster cluster;

    private Slot(String name) {
      this.name = name;
    }

    /** The cluster's name. */
    public String name() {
      return name;
    }

    /** The cluster, or null when there is none of that name. */
    public @Nullable UpstreamCluster cluster() {
      return cluster;
    }
  }

  private final Upstreams upstreams;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final DnsResolution dns = new DnsResolution();

  public Clusters(Upstreams upstreams) {
    this.upstreams = upstreams;
  }

  /** The place of this name. */
  public Slot slot(String name) {
    return slots.computeIfAbsent(name, Slot::new);
  }

  /**
   * Says no to what {@link #update} could not put in place whole.
   *
   * @throws IllegalArgumentException if an endpoint that is not to be resolved has no literal
   *     address
   */
  public static void check(
      Map<String, Cluster> clusters, Map<String, ClusterLoadAssignment> assignments) {
    assignments.values().forEach(Clusters::check);
    for (Cluster cluster : clusters.values()) {
      switch (cluster.discovery()) {
        case Cluster.Discovery.Static(ClusterLoadAssignment endpoints) -> check(endpoints);
        case Cluster.Discovery.Eds _,
            Cluster.Discovery.StrictDns _,
            Cluster.Discovery.OriginalDestination _,
            Cluster.Discovery.None _ -> {}
      }
    }
  }

  private static void check(ClusterLoadAssignment assignment) {
    for (ClusterLoadAssignment.Locality place : assignment.localities()) {
      for (ClusterLoadAssignment.Endpoint endpoint : place.endpoints()) {
        try {
          InetAddress.ofLiteral(endpoint.address());
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              assignment.name() + ": the endpoint " + endpoint.address() + " is no IP address", e);
        }
      }
    }
  }

  /**
   * Puts a whole configuration in place: clusters that did not change keep their connections.
   *
   * @param clusters by name
   * @param assignments by EDS service name
   */
  public synchronized void update(
      Map<String, Cluster> clusters, Map<String, ClusterLoadAssignment> assignments) {
    for (Slot slot : slots.values()) {
      UpstreamCluster before = slot.cluster;
      if (before != null && !clusters.containsKey(slot.name())) {
        slot.cluster = null;
        dns.forget(before);
        before.retire();
      }
    }
    clusters.values().forEach(config -> update(config, assignments));
  }

  private void update(Cluster config, Map<String, ClusterLoadAssignment> assignments) {
    Slot slot = slot(config.name());
    UpstreamCluster before = slot.cluster;
    UpstreamCluster cluster =
        before != null && before.config().equals(config)
            ? before
            : new UpstreamCluster(config, upstreams);
    switch (config.discovery()) {
      case Cluster.Discovery.Eds(String serviceName) ->
          cluster.endpoints(
              assignments.getOrDefault(
                  serviceName, new ClusterLoadAssignment(serviceName, java.util.List.of())));
      case Cluster.Discovery.Static(ClusterLoadAssignment endpoints) ->
          cluster.endpoints(endpoints);
      case Cluster.Discovery.StrictDns(ClusterLoadAssignment names) -> dns.watch(cluster, names);
      case Cluster.Discovery.OriginalDestination _, Cluster.Discovery.None _ -> {}
    }
    slot.cluster = cluster;
    if (before != null && before != cluster) {
      dns.forget(before);
      before.retire();
    }
  }

  /** Closes idle connections; called now and then. */
  public void sweep() {
    for (Slot slot : slots.values()) {
      UpstreamCluster cluster = slot.cluster;
      if (cluster != null) {
        cluster.sweep();
      }
    }
    dns.refresh();
  }

  /** Lets everything go. */
  public void close() {
    update(Map.of(), Map.of());
  }
}
