package io.selvage.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How clients reach a host: TLS, load balancing, limits ({@code
 * networking.istio.io/v1.DestinationRule}).
 *
 * @param host as written: a short name is of the rule's own namespace, see {@link #fullHost()}; may
 *     begin with {@code *}
 * @param exportTo namespaces that may use the rule; empty and {@code *} are all, {@code .} its own
 * @param workloadSelector the client workloads it is for; absent: all
 */
public record DestinationRule(
    ObjectMeta meta,
    String host,
    Optional<TrafficPolicy> trafficPolicy,
    List<Subset> subsets,
    List<String> exportTo,
    Optional<WorkloadSelector> workloadSelector)
    implements Resource {

  public DestinationRule {
    subsets = List.copyOf(subsets);
    exportTo = List.copyOf(exportTo);
  }

  /** The host, with a short name completed to {@code name.namespace.svc.cluster.local}. */
  public String fullHost() {
    return Service.fullHost(host, meta.namespace());
  }

  /** Whether clients of this namespace may use the rule. */
  public boolean isVisibleTo(String namespace) {
    return Visibility.allows(exportTo, meta.namespace(), namespace);
  }

  /**
   * The settings for one port: a port-level entry replaces the whole of the general one, as Istio
   * documents it.
   */
  public Optional<TrafficPolicy> trafficPolicyFor(int port) {
    return trafficPolicy.map(
        general -> general.portLevel().getOrDefault(port, general.withoutPorts()));
  }

  /**
   * The settings of a subset for one port ({@code Subset.traffic_policy}: "Subsets inherit the
   * traffic policies specified at the DestinationRule level. Settings specified at the subset level
   * will override the corresponding settings"); one of its own for the port replaces all of them.
   */
  public Optional<TrafficPolicy> trafficPolicyFor(Subset subset, int port) {
    Optional<TrafficPolicy> general = trafficPolicyFor(port);
    return subset
        .trafficPolicy()
        .map(own -> own.portLevel().getOrDefault(port, general.map(own::over).orElse(own)))
        .or(() -> general);
  }

  /**
   * This rule with what a younger one for the same host adds: subsets of other names, and the
   * traffic policy if this has none.
   */
  DestinationRule with(DestinationRule younger) {
    List<Subset> all = new ArrayList<>(subsets);
    for (Subset subset : younger.subsets) {
      if (all.stream().noneMatch(known -> known.name().equals(subset.name()))) {
        all.add(subset);
      }
    }
    return new DestinationRule(
        meta, host, trafficPolicy.or(younger::trafficPolicy), all, exportTo, workloadSelector);
  }

  /** A named part of a host's endpoints. */
  public record Subset(
      String name, Map<String, String> labels, Optional<TrafficPolicy> trafficPolicy) {
    public Subset {
      labels = Frozen.copy(labels);
    }
  }

  /**
   * Settings of one destination.
   *
   * @param locality absent: the mesh's
   * @param portLevel by service port; the entries have no port level of their own
   */
  public record TrafficPolicy(
      Optional<ClientTls> tls,
      Optional<LoadBalancer> loadBalancer,
      Optional<ConnectionPool> connectionPool,
      Optional<OutlierDetection> outlierDetection,
      Optional<LocalityLoadBalancing> locality,
      Map<Integer, TrafficPolicy> portLevel) {
    public TrafficPolicy {
      portLevel = Frozen.copy(portLevel);
    }

    /** These settings, and the other ones where there are none here. */
    TrafficPolicy over(TrafficPolicy other) {
      return new TrafficPolicy(
          tls.or(other::tls),
          loadBalancer.or(other::loadBalancer),
          connectionPool.or(other::connectionPool),
          outlierDetection.or(other::outlierDetection),
          loadBalancer.isPresent() ? locality : locality.or(other::locality),
          Map.of());
    }

    TrafficPolicy withoutPorts() {
      return portLevel.isEmpty()
          ? this
          : new TrafficPolicy(
              tls, loadBalancer, connectionPool, outlierDetection, locality, Map.of());
    }
  }

  /** How a client opens TLS. */
  public enum TlsMode {
    DISABLE,
    SIMPLE,
    MUTUAL,
    ISTIO_MUTUAL
  }

  /**
   * The TLS of connections to a host; the files are paths on the client's machine, never contents.
   *
   * @param sni absent: the proxy's choice
   */
  public record ClientTls(
      TlsMode mode,
      Optional<String> clientCertificate,
      Optional<String> privateKey,
      Optional<String> caCertificates,
      Optional<String> credentialName,
      List<String> subjectAltNames,
      Optional<String> sni,
      Optional<Boolean> insecureSkipVerify) {
    public ClientTls {
      subjectAltNames = List.copyOf(subjectAltNames);
    }
  }

  /** The simple balancing algorithms. */
  public enum LoadBalancer {
    UNSPECIFIED,
    LEAST_REQUEST,
    LEAST_CONN,
    RANDOM,
    PASSTHROUGH,
    ROUND_ROBIN
  }

  /** Limits of connections and requests; an absent one is unlimited. */
  public record ConnectionPool(
      OptionalInt maxConnections,
      Optional<Duration> connectTimeout,
      Optional<Duration> idleTimeout,
      OptionalInt http1MaxPendingRequests,
      OptionalInt http2MaxRequests,
      OptionalInt maxRequestsPerConnection,
      OptionalInt maxRetries) {}

  /** When an endpoint is set aside for a while. */
  public record OutlierDetection(
      OptionalInt consecutive5xxErrors,
      OptionalInt consecutiveGatewayErrors,
      Optional<Duration> interval,
      Optional<Duration> baseEjectionTime,
      OptionalInt maxEjectionPercent,
      OptionalInt minHealthPercent) {}
}
