package io.selvage.xds.resource;

import java.util.List;
import java.util.Map;

/**
 * The endpoints of a cluster ({@code envoy.config.endpoint.v3.ClusterLoadAssignment}).
 *
 * @param name the cluster's EDS service name
 * @param localities by place and priority
 */
public record ClusterLoadAssignment(String name, List<Locality> localities) implements XdsResource {
  /**
   * Endpoints of one place.
   *
   * @param region region
   * @param zone zone in it
   * @param subzone part of the zone
   * @param priority 0 is taken first; others when it has no healthy endpoint
   * @param weight share within the priority, 1..
   * @param endpoints who answers there
   */
  public record Locality(
      String region,
      String zone,
      String subzone,
      int priority,
      int weight,
      List<Endpoint> endpoints) {
    /** A zone as a whole. */
    public Locality(
        String region, String zone, int priority, int weight, List<Endpoint> endpoints) {
      this(region, zone, "", priority, weight, endpoints);
    }
  }

  /**
   * One endpoint.
   *
   * @param address literal IP (a DNS name in STRICT_DNS clusters)
   * @param port 1..65535
   * @param weight share, 1..
   * @param healthy false: drained or failing
   * @param transport labels that choose a {@link Cluster.TransportMatch}; Istio: {@code tlsMode:
   *     istio}
   * @param workload who it is, for telemetry; empty strings where unknown
   */
  public record Endpoint(
      String address,
      int port,
      int weight,
      boolean healthy,
      Map<String, String> transport,
      Workload workload) {}

  /**
   * Istio's workload metadata of an endpoint ({@code istio} filter metadata, {@code
   * name;namespace;canonical-name;canonical-revision;cluster}).
   *
   * @param name workload name
   * @param namespace its namespace
   * @param canonicalService canonical service
   * @param canonicalRevision canonical revision
   * @param cluster cluster id
   */
  public record Workload(
      String name,
      String namespace,
      String canonicalService,
      String canonicalRevision,
      String cluster) {
    /** Nothing is known. */
    public static final Workload UNKNOWN = new Workload("", "", "", "", "");
  }
}
