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
import java.util.Optional;

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
    workload(from.workload())
        .ifPresent(names -> metadata.putFilterMetadata(EnvoyNames.ISTIO, names));
    return metadata.getFilterMetadataCount() == 0 ? to.build() : to.setMetadata(metadata).build();
  }

  /**
   * The names by which metrics tell a workload, in Istio's form; none where a name has the
   * separator in it: an endpoint without names is better than none.
   */
  private static Optional<Struct> workload(ClusterLoadAssignment.Workload from) {
    if (from.equals(ClusterLoadAssignment.Workload.UNKNOWN)) {
      return Optional.empty();
    }
    String text =
        String.join(
            ";",
            from.name(),
            from.namespace(),
            from.canonicalService(),
            from.canonicalRevision(),
            from.cluster());
    return text.chars().filter(c -> c == ';').count() == 4
        ? Optional.of(Struct.newBuilder().putFields("workload", ClusterEncoder.text(text)).build())
        : Optional.empty();
  }
}
