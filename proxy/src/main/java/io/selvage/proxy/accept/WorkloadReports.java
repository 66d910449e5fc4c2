package io.selvage.proxy.accept;

import io.selvage.proxy.telemetry.Edge;
import io.selvage.proxy.telemetry.EdgeMetrics;
import io.selvage.proxy.telemetry.MeshMetrics;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.upstream.Endpoint;
import io.selvage.proxy.upstream.UpstreamCluster;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Listener;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names the edges of one workload for its metrics.
 *
 * @param metrics of the process
 * @param own this workload, as its metrics name it
 */
public record WorkloadReports(MeshMetrics metrics, Workload own) {
  private static final String UNKNOWN = "unknown";

  /**
   * The edge of a connection through this cluster. Look up once, not per request.
   *
   * @param cluster null: there is none
   * @param endpoint null: none was chosen
   */
  public EdgeMetrics edge(
      VerifiedPeer peer,
      @Nullable UpstreamCluster cluster,
      @Nullable Endpoint endpoint,
      String protocol) {
    return metrics.edge(
        peer.chain().direction() == Listener.Direction.INBOUND
            ? inbound(peer, cluster, protocol)
            : outbound(cluster, endpoint, protocol));
  }

  private static Optional<Cluster.ServiceIdentity> service(@Nullable UpstreamCluster cluster) {
    return cluster == null ? Optional.empty() : cluster.config().service();
  }

  private Edge inbound(VerifiedPeer peer, @Nullable UpstreamCluster cluster, String protocol) {
    Workload source =
        peer.identity()
            .map(identity -> Workload.ofPrincipal(identity.spiffeId().toString()))
            .orElse(Workload.UNKNOWN);
    Optional<Cluster.ServiceIdentity> service = service(cluster);
    return new Edge(
        Edge.Reporter.DESTINATION,
        source,
        own,
        service.map(Cluster.ServiceIdentity::host).orElse(UNKNOWN),
        service.map(Cluster.ServiceIdentity::name).orElse(UNKNOWN),
        service.map(Cluster.ServiceIdentity::namespace).orElse(own.namespace()),
        protocol,
        peer.identity().isPresent() ? Edge.Security.MUTUAL_TLS : Edge.Security.NONE);
  }

  private Edge outbound(
      @Nullable UpstreamCluster cluster, @Nullable Endpoint endpoint, String protocol) {
    Optional<Cluster.ServiceIdentity> service = service(cluster);
    String otherwise = cluster == null ? UNKNOWN : cluster.config().name();
    return new Edge(
        Edge.Reporter.SOURCE,
        own,
        destination(
            endpoint == null ? ClusterLoadAssignment.Workload.UNKNOWN : endpoint.workload()),
        service.map(Cluster.ServiceIdentity::host).orElse(UNKNOWN),
        service.map(Cluster.ServiceIdentity::name).orElse(otherwise),
        service.map(Cluster.ServiceIdentity::namespace).orElse(UNKNOWN),
        protocol,
        Edge.Security.UNKNOWN);
  }

  private static Workload destination(ClusterLoadAssignment.Workload workload) {
    return new Workload(
        known(workload.name()),
        known(workload.namespace()),
        UNKNOWN,
        known(workload.canonicalService()),
        known(workload.canonicalRevision()),
        known(workload.cluster()),
        known(workload.canonicalService()),
        workload.canonicalRevision().isEmpty() ? "latest" : workload.canonicalRevision());
  }

  private static String known(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }
}
