package io.selvage.proxy.admin;

import io.envoyproxy.envoy.admin.v3.ClusterStatus;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.HostHealthStatus;
import io.envoyproxy.envoy.admin.v3.HostStatus;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.selvage.proxy.ProxyResources;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The clusters of a workload's proxy with who is behind them, as Envoy's {@code /clusters}. */
final class ClusterPage {
  private ClusterPage() {}

  /**
   * {@code /clusters?format=json}.
   *
   * @param dynamic whether they came from a control plane
   */
  static Clusters message(ProxyResources resources, boolean dynamic) {
    Clusters.Builder all = Clusters.newBuilder();
    new TreeMap<>(resources.clusters())
        .values()
        .forEach(cluster -> all.addClusterStatuses(status(cluster, resources, dynamic)));
    return all.build();
  }

  private static ClusterStatus status(Cluster cluster, ProxyResources resources, boolean dynamic) {
    ClusterStatus.Builder to =
        ClusterStatus.newBuilder()
            .setName(cluster.name())
            .setObservabilityName(cluster.name())
            .setAddedViaApi(dynamic);
    if (cluster.discovery() instanceof Cluster.Discovery.Eds(String serviceName)) {
      to.setEdsServiceName(serviceName);
    }
    for (var place : places(cluster, resources)) {
      for (var endpoint : place.endpoints()) {
        to.addHostStatuses(host(place, endpoint));
      }
    }
    return to.build();
  }

  private static List<ClusterLoadAssignment.Locality> places(
      Cluster cluster, ProxyResources resources) {
    return switch (cluster.discovery()) {
      case Cluster.Discovery.Eds(String serviceName) ->
          Optional.ofNullable(resources.endpoints().get(serviceName))
              .map(ClusterLoadAssignment::localities)
              .orElse(List.of());
      case Cluster.Discovery.Static(ClusterLoadAssignment endpoints) -> endpoints.localities();
      case Cluster.Discovery.StrictDns(ClusterLoadAssignment names) -> names.localities();
      case Cluster.Discovery.OriginalDestination _, Cluster.Discovery.None _ -> List.of();
    };
  }

  private static HostStatus host(
      ClusterLoadAssignment.Locality place, ClusterLoadAssignment.Endpoint endpoint) {
    return HostStatus.newBuilder()
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder()
                        .setAddress(endpoint.address())
                        .setPortValue(endpoint.port())))
        .setHealthStatus(
            HostHealthStatus.newBuilder()
                .setEdsHealthStatus(
                    endpoint.healthy() ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY))
        .setWeight(endpoint.weight())
        .setPriority(place.priority())
        .setLocality(
            Locality.newBuilder()
                .setRegion(place.region())
                .setZone(place.zone())
                .setSubZone(place.subzone()))
        .build();
  }

  /** {@code /clusters}: a line for each figure. */
  static String text(Clusters clusters) {
    StringBuilder text = new StringBuilder();
    for (ClusterStatus cluster : clusters.getClusterStatusesList()) {
      String name = cluster.getName();
      line(text, name, "observability_name", name);
      line(text, name, "added_via_api", cluster.getAddedViaApi());
      for (HostStatus host : cluster.getHostStatusesList()) {
        SocketAddress at = host.getAddress().getSocketAddress();
        String of = name + "::" + at.getAddress() + ":" + at.getPortValue();
        boolean healthy = host.getHealthStatus().getEdsHealthStatus() == HealthStatus.HEALTHY;
        line(text, of, "health_flags", healthy ? "healthy" : "/failed_eds_health");
        line(text, of, "weight", host.getWeight());
        line(text, of, "priority", host.getPriority());
        line(text, of, "region", host.getLocality().getRegion());
        line(text, of, "zone", host.getLocality().getZone());
        line(text, of, "sub_zone", host.getLocality().getSubZone());
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String of, String name, Object value) {
    text.append(of).append("::").append(name).append("::").append(value).append('\n');
  }
}
