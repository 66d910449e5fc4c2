package io.selvage.proxy.upstream;

import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the endpoints of STRICT_DNS clusters current: every name is resolved on a thread of its
 * own, never on an event loop, again at each sweep. A name that fails keeps its last addresses.
 */
final class DnsResolution {
  private static final Logger LOG = LoggerFactory.getLogger(DnsResolution.class);

  /** Says what a name stands for. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
  }

  /** One cluster's names, and what they stood for last. */
  private static final class Watched {
    final ClusterLoadAssignment names;
    final Runnable resolvedOnce;
    volatile @Nullable ClusterLoadAssignment resolved;

    Watched(ClusterLoadAssignment names, Runnable resolvedOnce) {
      this.names = names;
      this.resolvedOnce = resolvedOnce;
    }
  }

  private final Resolver resolver;
  private final Map<UpstreamCluster, Watched> watched = new ConcurrentHashMap<>();

  DnsResolution(Resolver resolver) {
    this.resolver = resolver;
  }

  /**
   * Begins to resolve a cluster's names, unless that has begun.
   *
   * @param resolvedOnce is called when it has endpoints for the first time
   */
  void watch(UpstreamCluster cluster, ClusterLoadAssignment names, Runnable resolvedOnce) {
    Watched begun = new Watched(names, resolvedOnce);
    if (watched.putIfAbsent(cluster, begun) == null) {
      Thread.ofVirtual().name("resolve").start(() -> resolve(cluster, begun));
    }
  }

  /** What these names stood for last; null when nobody knows. */
  @Nullable ClusterLoadAssignment resolved(UpstreamCluster cluster, ClusterLoadAssignment names) {
    Watched known = watched.get(cluster);
    return known != null && known.names.equals(names) ? known.resolved : null;
  }

  void forget(UpstreamCluster cluster) {
    watched.remove(cluster);
  }

  void refresh() {
    watched.forEach((cluster, names) -> Thread.ofVirtual().start(() -> resolve(cluster, names)));
  }

  private void resolve(UpstreamCluster cluster, Watched wanted) {
    ClusterLoadAssignment names = wanted.names;
    List<ClusterLoadAssignment.Locality> resolved = new ArrayList<>();
    for (ClusterLoadAssignment.Locality place : names.localities()) {
      List<ClusterLoadAssignment.Endpoint> endpoints = new ArrayList<>();
      for (ClusterLoadAssignment.Endpoint named : place.endpoints()) {
        if (!addresses(named, endpoints)) {
          LOG.warn(
              "{}: cannot resolve {}; its last addresses stay",
              cluster.config().name(),
              named.address());
          return;
        }
      }
      resolved.add(
          new ClusterLoadAssignment.Locality(
              place.region(),
              place.zone(),
              place.subzone(),
              place.priority(),
              place.weight(),
              endpoints));
    }
    if (watched.get(cluster) == wanted) {
      boolean first = wanted.resolved == null;
      ClusterLoadAssignment all = new ClusterLoadAssignment(names.name(), resolved);
      wanted.resolved = all;
      cluster.endpoints(all);
      if (first) {
        wanted.resolvedOnce.run();
      }
    }
  }

  private boolean addresses(
      ClusterLoadAssignment.Endpoint named, List<ClusterLoadAssignment.Endpoint> into) {
    try {
      for (InetAddress address : resolver.resolve(named.address())) {
        into.add(
            new ClusterLoadAssignment.Endpoint(
                address.getHostAddress(),
                named.port(),
                named.weight(),
                named.healthy(),
                named.transport(),
                named.workload()));
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
