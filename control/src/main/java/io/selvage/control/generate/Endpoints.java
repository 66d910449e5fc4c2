package io.selvage.control.generate;

import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Endpoint;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The endpoints of a cluster, grouped by place. */
final class Endpoints {
  private Endpoints() {}

  /** The load assignment of a cluster; without any locality when nobody answers. */
  static ClusterLoadAssignment of(String cluster, List<ServiceEndpoint> endpoints) {
    TreeMap<String, List<ServiceEndpoint>> byPlace = new TreeMap<>();
    for (ServiceEndpoint endpoint : endpoints) {
      byPlace.computeIfAbsent(endpoint.locality(), place -> new ArrayList<>()).add(endpoint);
    }
    List<Locality> localities = new ArrayList<>();
    byPlace.forEach((place, members) -> localities.add(locality(place, members)));
    return new ClusterLoadAssignment(cluster, localities);
  }

  private static Locality locality(String place, List<ServiceEndpoint> members) {
    String[] parts = place.split("/", -1);
    int weight = members.stream().mapToInt(ServiceEndpoint::weight).sum();
    return new Locality(
        parts[0],
        parts.length > 1 ? parts[1] : "",
        0,
        weight,
        members.stream().map(Endpoints::endpoint).toList());
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
