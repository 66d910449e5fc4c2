package io.selvage.xds.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A set of equal endpoints ({@code envoy.config.cluster.v3.Cluster}). Istio's names: {@code
 * outbound|8000||httpbin.sample.svc.cluster.local}, {@code inbound|8000||}, {@code
 * PassthroughCluster}, {@code BlackHoleCluster}, {@code InboundPassthroughCluster}.
 *
 * @param name unique
 * @param discovery where endpoints come from
 * @param loadBalancing how one is chosen
 * @param connectTimeout TCP and TLS
 * @param protocol HTTP version spoken upstream
 * @param transport how endpoints are reached; the first whose labels equal the endpoint's wins
 * @param bindAddress source address of connections, such as Istio's 127.0.0.6 of inbound clusters
 * @param limits circuit breakers
 * @param service whom it stands for, for telemetry
 * @param outliers when an endpoint that fails is set aside; empty: never
 * @param byLocality a place gets traffic by its weight, whatever endpoints it has ({@code
 *     locality_weighted_lb_config})
 */
public record Cluster(
    String name,
    Discovery discovery,
    LoadBalancing loadBalancing,
    Duration connectTimeout,
    UpstreamProtocol protocol,
    List<TransportMatch> transport,
    Optional<String> bindAddress,
    Limits limits,
    Optional<ServiceIdentity> service,
    Optional<OutlierDetection> outliers,
    boolean byLocality)
    implements XdsResource {

  /** A cluster whose endpoints may all be used, however they answer. */
  public Cluster(
      String name,
      Discovery discovery,
      LoadBalancing loadBalancing,
      Duration connectTimeout,
      UpstreamProtocol protocol,
      List<TransportMatch> transport,
      Optional<String> bindAddress,
      Limits limits,
      Optional<ServiceIdentity> service) {
    this(
        name,
        discovery,
        loadBalancing,
        connectTimeout,
        protocol,
        transport,
        bindAddress,
        limits,
        service,
        Optional.empty(),
        false);
  }

  /**
   * When an endpoint is set aside for a while ({@code outlier_detection}), by its own answers; a
   * connection that fails counts as an answer of 503.
   *
   * @param consecutive5xx so many answers of 5xx in a row; 0: they don't matter
   * @param consecutiveGateway so many of 502, 503 and 504 in a row; 0: they don't matter
   * @param interval after which a time without failures counts for an endpoint
   * @param baseEjection how long it is set aside, times how often in a row
   * @param maxEjectionPercent of the cluster's endpoints; one may always be
   * @param minHealthPercent of a priority's endpoints: where fewer are left, all are used
   */
  public record OutlierDetection(
      int consecutive5xx,
      int consecutiveGateway,
      Duration interval,
      Duration baseEjection,
      int maxEjectionPercent,
      int minHealthPercent) {}

  /** Where endpoints come from. */
  public sealed interface Discovery {
    /**
     * By EDS.
     *
     * @param serviceName name of the {@link ClusterLoadAssignment}
     */
    record Eds(String serviceName) implements Discovery {}

    /** In the cluster. */
    record Static(ClusterLoadAssignment endpoints) implements Discovery {}

    /** DNS names in the cluster's endpoints, resolved again and again. */
    record StrictDns(ClusterLoadAssignment endpoints) implements Discovery {}

    /** The address that the client dialled ({@code ORIGINAL_DST}). */
    record OriginalDestination() implements Discovery {}

    /** None: connections are closed, requests answered 503 ({@code BlackHoleCluster}). */
    record None() implements Discovery {}
  }

  /** How an endpoint is chosen. */
  public enum LoadBalancing {
    /** Of two random ones, the one with fewer active requests. */
    LEAST_REQUEST,
    /** In turn. */
    ROUND_ROBIN,
    /** Any. */
    RANDOM,
    /** No choice: the original destination. */
    CLUSTER_PROVIDED
  }

  /** HTTP version spoken upstream. */
  public enum UpstreamProtocol {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2. */
    HTTP2,
    /** What the client spoke. */
    USE_DOWNSTREAM
  }

  /**
   * How endpoints with these labels are reached ({@code transport_socket_matches}).
   *
   * @param name {@code tlsMode-istio}, {@code tlsMode-disabled}
   * @param labels all must be in the endpoint's {@link ClusterLoadAssignment.Endpoint#transport()}
   * @param tls empty: plaintext
   */
  public record TransportMatch(
      String name, Map<String, String> labels, Optional<TlsSettings.Upstream> tls) {}

  /**
   * Circuit breakers of one cluster.
   *
   * @param maxConnections most connections of TCP and HTTP/1.1; HTTP/2 needs one for each endpoint
   *     and event loop, and has more only when the streams of one are used up
   * @param maxPendingRequests most requests of HTTP/1.1 that wait for one
   * @param maxRequests most requests under way
   */
  public record Limits(int maxConnections, int maxPendingRequests, int maxRequests) {
    /** Istio's: none. */
    public static final Limits NONE =
        new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /**
   * Whom a cluster stands for.
   *
   * @param host {@code httpbin.sample.svc.cluster.local}
   * @param name {@code httpbin}
   * @param namespace {@code sample}
   */
  public record ServiceIdentity(String host, String name, String namespace) {}
}
