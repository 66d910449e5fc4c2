package io.selvage.xds.parse;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.List;

/** Endpoints of clusters. */
final class EndpointsParser {
  private static final int HIGHEST_PRIORITY = 128;

  private EndpointsParser() {}

  static ClusterLoadAssignment parse(
      io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment from, At at) {
    List<ClusterLoadAssignment.Locality> localities = new ArrayList<>();
    for (int i = 0; i < from.getEndpointsCount(); i++) {
      localities.add(locality(from.getEndpoints(i), at.item("endpoints", i)));
    }
    return new ClusterLoadAssignment(from.getClusterName(), List.copyOf(localities));
  }

  private static ClusterLoadAssignment.Locality locality(LocalityLbEndpoints from, At at) {
    if (from.getPriority() < 0 || from.getPriority() > HIGHEST_PRIORITY) {
      at.field("priority").refuse("is not in 0..128");
    }
    List<ClusterLoadAssignment.Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < from.getLbEndpointsCount(); i++) {
      endpoints.add(endpoint(from.getLbEndpoints(i), at.item("lb_endpoints", i)));
    }
    return new ClusterLoadAssignment.Locality(
        from.getLocality().getRegion(),
        from.getLocality().getZone(),
        from.getLocality().getSubZone(),
        from.getPriority(),
        Values.clamped(from.hasLoadBalancingWeight(), from.getLoadBalancingWeight(), 1),
        List.copyOf(endpoints));
  }

  private static ClusterLoadAssignment.Endpoint endpoint(LbEndpoint from, At at) {
    var socket = from.getEndpoint().getAddress().getSocketAddress();
    At address = at.field("endpoint").field("address").field("socket_address");
    Struct transport =
        from.getMetadata()
            .getFilterMetadataOrDefault(
                EnvoyNames.TRANSPORT_SOCKET_MATCH, Struct.getDefaultInstance());
    boolean healthy =
        from.getHealthStatus() == HealthStatus.HEALTHY
            || from.getHealthStatus() == HealthStatus.UNKNOWN;
    return new ClusterLoadAssignment.Endpoint(
        Values.filled(socket.getAddress(), address.field("address")),
        Values.port(socket, address),
        Values.clamped(from.hasLoadBalancingWeight(), from.getLoadBalancingWeight(), 1),
        healthy,
        ClusterParser.labels(transport, at.field("metadata")),
        workload(from));
  }

  /** Telemetry's names of the endpoint; absent or in another form, they are unknown. */
  private static ClusterLoadAssignment.Workload workload(LbEndpoint from) {
    Struct istio =
        from.getMetadata()
            .getFilterMetadataOrDefault(EnvoyNames.ISTIO, Struct.getDefaultInstance());
    String[] parts = ClusterParser.text(istio, "workload").split(";", -1);
    return parts.length == 5
        ? new ClusterLoadAssignment.Workload(parts[0], parts[1], parts[2], parts[3], parts[4])
        : ClusterLoadAssignment.Workload.UNKNOWN;
  }
}
