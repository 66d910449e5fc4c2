package io.selvage.proxy.upstream;

import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the endpoints of STRICT_DNS clusters current: every name is resolved on a thread of its
 * own, never on an event loop, again at each sweep. A name that fails keeps its last addresses.
 */
final class DnsResolution {
  private static final Logger LOG = LoggerFactory.getLogger(DnsResolution.class);

  private final Map<UpstreamCluster, ClusterLoadAssignment> watched = new ConcurrentHashMap<>();

  void watch(UpstreamCluster cluster, ClusterLoadAssignment names) {
    if (watched.put(cluster, names) == null) {
      Thread.ofVirtual().name("resolve").start(() -> resolve(cluster, names));
    }
  }

  void forget(UpstreamCluster cluster) {
    watched.remove(cluster);
  }

  void refresh() {
    watched.forEach((cluster, names) -> Thread.ofVirtual().start(() -> resolve(cluster, names)));
  }

  private void resolve(UpstreamCluster cluster, ClusterLoadAssignment names) {
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
    if (watched.containsKey(cluster)) {
      cluster.endpoints(new ClusterLoadAssignment(names.name(), resolved));
    }
  }

  private static boolean addresses(
      ClusterLoadAssignment.Endpoint named, List<ClusterLoadAssignment.Endpoint> into) {
    try {
      for (InetAddress address : InetAddress.getAllByName(named.address())) {
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
