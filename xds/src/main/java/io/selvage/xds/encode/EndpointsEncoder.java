package io.selvage.xds.encode;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ClusterLoadAssignment;

/** Endpoints, with the metadata that chooses their transport and the one that names them. */
final class EndpointsEncoder {
  private EndpointsEncoder() {}

  static io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment encode(
      ClusterLoadAssignment from) {
    var to =
        io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.newBuilder()
            .setClusterName(from.name());
    from.localities().forEach(locality -> to.addEndpoints(locality(locality)));
    return to.build();
  }

  private static LocalityLbEndpoints locality(ClusterLoadAssignment.Locality from) {
    LocalityLbEndpoints.Builder to =
        LocalityLbEndpoints.newBuilder()
            .setLocality(
                Locality.newBuilder()
                    .setRegion(from.region())
                    .setZone(from.zone())
                    .setSubZone(from.subzone()))
            .setPriority(from.priority())
            .setLoadBalancingWeight(Values.uint32(from.weight()));
    from.endpoints().forEach(endpoint -> to.addLbEndpoints(endpoint(endpoint)));
    return to.build();
  }

  private static LbEndpoint endpoint(ClusterLoadAssignment.Endpoint from) {
    LbEndpoint.Builder to =
        LbEndpoint.newBuilder()
            .setEndpoint(
                Endpoint.newBuilder().setAddress(Values.address(from.address(), from.port())))
            .setHealthStatus(from.healthy() ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY)
            .setLoadBalancingWeight(Values.uint32(from.weight()));
    Metadata.Builder metadata = Metadata.newBuilder();
    if (!from.transport().isEmpty()) {
      metadata.putFilterMetadata(
          EnvoyNames.TRANSPORT_SOCKET_MATCH, ClusterEncoder.struct(from.transport()));
    }
    if (!from.workload().equals(ClusterLoadAssignment.Workload.UNKNOWN)) {
      metadata.putFilterMetadata(EnvoyNames.ISTIO, workload(from.workload()));
    }
    return metadata.getFilterMetadataCount() == 0 ? to.build() : to.setMetadata(metadata).build();
  }

  private static Struct workload(ClusterLoadAssignment.Workload from) {
    String text =
        String.join(
            ";",
            from.name(),
            from.namespace(),
            from.canonicalService(),
            from.canonicalRevision(),
            from.cluster());
    if (text.chars().filter(c -> c == ';').count() != 4) {
      throw new EncodingException("a semicolon in the workload's names: " + text);
    }
    return Struct.newBuilder().putFields("workload", ClusterEncoder.text(text)).build();
  }
}
