package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.TlsSettings;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** What will take the cluster's place once its names are resolved. */
    private @Nullable UpstreamCluster next;

    private int sweepsOfNext;

    /** Made when the cluster is no longer configured. */
    private @Nullable Leave leaving;

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

  /** One leave-taking of a cluster, which ends when it comes back. */
  private static final class Leave {}

  /** After so many sweeps a changed cluster is used although its names are not resolved. */
  private static final int SWEEPS_FOR_NAMES = 2;

  private final Upstreams upstreams;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final DnsResolution dns;

  public Clusters(Upstreams upstreams) {
    this(upstreams, InetAddress::getAllByName);
  }

  Clusters(Upstreams upstreams, DnsResolution.Resolver resolver) {
    this.upstreams = upstreams;
    this.dns = new DnsResolution(resolver);
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
   * @return lets those go that are no longer configured, unless they are again by then: to be
   *     called when the connections whose chains lead there have ended
   */
  public synchronized Runnable update(
      Map<String, Cluster> clusters, Map<String, ClusterLoadAssignment> assignments) {
    Map<Slot, Leave> gone = new HashMap<>();
    for (Slot slot : slots.values()) {
      if (slot.cluster != null && !clusters.containsKey(slot.name())) {
        Leave leaving = slot.leaving == null ? new Leave() : slot.leaving;
        slot.leaving = leaving;
        gone.put(slot, leaving);
      }
    }
    clusters.values().forEach(config -> update(config, assignments));
    return () -> letGo(gone);
  }

  private synchronized void letGo(Map<Slot, Leave> gone) {
    gone.forEach(
        (slot, leaving) -> {
          if (slot.leaving == leaving) {
            slot.leaving = null;
            drop(slot.next);
            slot.next = null;
            drop(slot.cluster);
            slot.cluster = null;
          }
        });
  }

  private void drop(@Nullable UpstreamCluster cluster) {
    if (cluster != null) {
      dns.forget(cluster);
      cluster.retire();
    }
  }

  private void update(Cluster config, Map<String, ClusterLoadAssignment> assignments) {
    Slot slot = slot(config.name());
    slot.leaving = null;
    UpstreamCluster before = slot.cluster;
    UpstreamCluster cluster = known(slot, config);
    switch (config.discovery()) {
      case Cluster.Discovery.Eds(String serviceName) ->
          cluster.endpoints(
              assignments.getOrDefault(
                  serviceName, new ClusterLoadAssignment(serviceName, List.of())));
      case Cluster.Discovery.Static(ClusterLoadAssignment endpoints) ->
          cluster.endpoints(endpoints);
      case Cluster.Discovery.StrictDns(ClusterLoadAssignment names) -> {
        if (cluster != before && before != null && !takesOver(cluster, before, names)) {
          await(slot, cluster, names);
          return;
        }
        dns.watch(cluster, names, () -> {});
      }
      case Cluster.Discovery.OriginalDestination _, Cluster.Discovery.None _ -> {}
    }
    replace(slot, cluster);
  }

  private UpstreamCluster known(Slot slot, Cluster config) {
    UpstreamCluster now = slot.cluster;
    UpstreamCluster next = slot.next;
    if (now != null && now.config().equals(config)) {
      return now;
    }
    return next != null && next.config().equals(config)
        ? next
        : new UpstreamCluster(config, upstreams);
  }

  /** Whether what these names were resolved to last is known, and good for the new cluster. */
  private boolean takesOver(
      UpstreamCluster cluster, UpstreamCluster before, ClusterLoadAssignment names) {
    ClusterLoadAssignment resolved = dns.resolved(before, names);
    if (resolved != null) {
      cluster.endpoints(resolved);
    }
    return resolved != null;
  }

  /** The old cluster serves until the new one has endpoints. */
  private void await(Slot slot, UpstreamCluster cluster, ClusterLoadAssignment names) {
    if (slot.next != cluster) {
      drop(slot.next);
      slot.next = cluster;
      slot.sweepsOfNext = 0;
      dns.watch(cluster, names, () -> resolved(slot, cluster));
    }
  }

  private synchronized void resolved(Slot slot, UpstreamCluster cluster) {
    if (slot.next == cluster) {
      replace(slot, cluster);
    }
  }

  private void replace(Slot slot, UpstreamCluster cluster) {
    UpstreamCluster before = slot.cluster;
    UpstreamCluster waited = slot.next;
    slot.cluster = cluster;
    slot.next = null;
    if (before != cluster) {
      drop(before);
    }
    if (waited != cluster) {
      drop(waited);
    }
  }

  /** What the clusters that are in place need, those that are yet to go as well. */
  public Set<TlsSettings> tlsSettings() {
    Set<TlsSettings> used = new HashSet<>();
    for (Slot slot : slots.values()) {
      UpstreamCluster cluster = slot.cluster;
      if (cluster != null) {
        cluster.config().transport().forEach(match -> match.tls().ifPresent(used::add));
      }
    }
    return used;
  }

  /** Closes idle connections, and waits no longer for names; called now and then. */
  public void sweep() {
    for (Slot slot : slots.values()) {
      UpstreamCluster cluster = slot.cluster;
      if (cluster != null) {
        cluster.sweep();
      }
      settle(slot);
    }
    dns.refresh();
  }

  private synchronized void settle(Slot slot) {
    UpstreamCluster next = slot.next;
    if (next != null && ++slot.sweepsOfNext >= SWEEPS_FOR_NAMES) {
      replace(slot, next);
    }
  }

  /** Lets everything go. */
  public void close() {
    update(Map.of(), Map.of()).run();
  }
}
