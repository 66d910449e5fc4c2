package io.selvage.control.generate;

import io.selvage.control.workload.Places;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Endpoint;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import java.util.List;
import java.util.Map;

/** The endpoints of a cluster, grouped by place. */
final class Endpoints {
  private Endpoints() {}

  /** The load assignment of a cluster; without any locality when nobody answers. */
  static ClusterLoadAssignment of(String cluster, List<ServiceEndpoint> endpoints) {
    return assignment(cluster, Nearness.byPlace(Weights.bounded(reachable(endpoints))));
  }

  /** The same as one client prefers them. */
  static ClusterLoadAssignment of(
      String cluster, List<ServiceEndpoint> endpoints, Nearness nearness) {
    return assignment(cluster, nearness.of(Weights.bounded(reachable(endpoints))));
  }

  private static ClusterLoadAssignment assignment(String cluster, List<Nearness.Group> groups) {
    return new ClusterLoadAssignment(cluster, groups.stream().map(Endpoints::locality).toList());
  }

  /** Without those whose network has no gateway by which they are reached. */
  private static List<ServiceEndpoint> reachable(List<ServiceEndpoint> endpoints) {
    return endpoints.stream().allMatch(Endpoints::isSomewhere)
        ? endpoints
        : endpoints.stream().filter(Endpoints::isSomewhere).toList();
  }

  private static boolean isSomewhere(ServiceEndpoint endpoint) {
    return !endpoint.address().isEmpty();
  }

  private static Locality locality(Nearness.Group group) {
    return new Locality(
        Places.region(group.place()),
        Places.zone(group.place()),
        Places.subzone(group.place()),
        group.priority(),
        group.weight(),
        group.members().stream().map(Endpoints::endpoint).toList());
  }

  private static Endpoint endpoint(ServiceEndpoint endpoint) {
    return new Endpoint(
        endpoint.address(),
        endpoint.port(),
        endpoint.weight(),
        true,
        endpoint.mutualTls() ? OutboundClusters.MUTUAL_TLS_LABEL : Map.of(),
        endpoint.workload());
  }
}
