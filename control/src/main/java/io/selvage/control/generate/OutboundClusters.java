package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.generate.OutboundInput.PortIdentities;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.ConnectionPool;
import io.selvage.model.DestinationRule.OutlierDetection;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.PortProtocol;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Cluster.Discovery;
import io.selvage.xds.resource.Cluster.Limits;
import io.selvage.xds.resource.Cluster.LoadBalancing;
import io.selvage.xds.resource.Cluster.ServiceIdentity;
import io.selvage.xds.resource.Cluster.TransportMatch;
import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import io.selvage.xds.resource.TlsSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The clusters of the outbound side: one for each port of each service, and for each subset. */
final class OutboundClusters {
  /** The endpoint label that says that it takes the mesh's mTLS. */
  static final Map<String, String> MUTUAL_TLS_LABEL = Map.of("tlsMode", "istio");

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int CONSECUTIVE = 5;
  private static final Duration OUTLIER_INTERVAL = Duration.ofSeconds(10);
  private static final Duration EJECTION = Duration.ofSeconds(30);
  private static final int EJECTED_PERCENT = 10;

  private final MeshConfig mesh;

  private OutboundClusters(MeshConfig mesh) {
    this.mesh = mesh;
  }

  /** Those that every proxy has. */
  static final List<Cluster> SPECIAL =
      List.of(special(Names.PASSTHROUGH_CLUSTER, new Discovery.OriginalDestination()), blackHole());

  /**
   * All that the clusters of one service depend on.
   *
   * @param destination the service as its clients see it
   * @param mesh settings of the mesh
   */
  record Input(Destination destination, MeshConfig mesh) {
    /** Cheap; the parts are compared. */
    @Override
    public int hashCode() {
      return destination.hashCode();
    }
  }

  /** The clusters of one service. */
  static List<Cluster> of(Input input) {
    OutboundClusters clusters = new OutboundClusters(input.mesh());
    List<Cluster> all = new ArrayList<>();
    for (ServicePort port : input.destination().service().ports()) {
      all.addAll(clusters.ofPort(input.destination(), port));
    }
    return List.copyOf(all);
  }

  /**
   * The cluster by which callers reach a port who dial no endpoint themselves, such as those that
   * ask the proxy for a name.
   */
  static String undialled(MeshService service, ServicePort port) {
    return isBalancedToo(service, port)
        ? Names.balanced(port.number(), service.host())
        : Names.outbound(port.number(), "", service.host());
  }

  /** Only requests are routed by names. */
  private static boolean isBalancedToo(MeshService service, ServicePort port) {
    return service.isHeadless()
        && (port.protocol().isHttp() || port.protocol() == PortProtocol.UNSPECIFIED);
  }

  /** A cluster without an endpoint. */
  static Cluster blackHole() {
    return special(Names.BLACK_HOLE_CLUSTER, new Discovery.None());
  }

  static Duration connectTimeout(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::connectionPool)
        .flatMap(ConnectionPool::connectTimeout)
        .orElse(CONNECT_TIMEOUT);
  }

  private List<Cluster> ofPort(Destination destination, ServicePort port) {
    List<Cluster> all = new ArrayList<>();
    Optional<DestinationRule> rule = destination.rule();
    Optional<TrafficPolicy> general = rule.flatMap(r -> r.trafficPolicyFor(port.number()));
    all.add(cluster(destination, port, "", general));
    if (isBalancedToo(destination.service(), port)) {
      all.add(balanced(destination, port, general));
    }
    for (Subset subset : rule.map(DestinationRule::subsets).orElse(List.of())) {
      Optional<TrafficPolicy> policy = rule.flatMap(r -> r.trafficPolicyFor(subset, port.number()));
      all.add(cluster(destination, port, subset.name(), policy));
    }
    return all;
  }

  private Cluster cluster(
      Destination destination, ServicePort port, String subset, Optional<TrafficPolicy> policy) {
    return cluster(
        Names.outbound(port.number(), subset, destination.service().host()),
        destination,
        port,
        subset,
        discovery(destination, port, subset),
        policy);
  }

  /** A headless service for those who dial none of its endpoints, which are sent once. */
  private Cluster balanced(
      Destination destination, ServicePort port, Optional<TrafficPolicy> policy) {
    String host = destination.service().host();
    return cluster(
        Names.balanced(port.number(), host),
        destination,
        port,
        "",
        new Discovery.Eds(Names.outbound(port.number(), "", host)),
        policy);
  }

  private Cluster cluster(
      String name,
      Destination destination,
      ServicePort port,
      String subset,
      Discovery discovery,
      Optional<TrafficPolicy> policy) {
    MeshService service = destination.service();
    return new Cluster(
        name,
        discovery,
        balancing(discovery, policy),
        connectTimeout(policy),
        protocol(port.protocol()),
        transport(destination, port, subset, discovery, policy.flatMap(TrafficPolicy::tls)),
        Optional.empty(),
        limits(policy.flatMap(TrafficPolicy::connectionPool)),
        Optional.of(new ServiceIdentity(service.host(), service.name(), service.namespace())),
        discovery instanceof Discovery.OriginalDestination
            ? Optional.empty()
            : policy.flatMap(TrafficPolicy::outlierDetection).map(OutboundClusters::outliers),
        LocalityPreference.of(service, policy, mesh).weighsLocalities());
  }

  /** As an istiod does: what is not written has Envoy's default, and nobody panics by default. */
  private static Cluster.OutlierDetection outliers(OutlierDetection written) {
    return new Cluster.OutlierDetection(
        written.consecutive5xxErrors().orElse(CONSECUTIVE),
        written.consecutiveGatewayErrors().orElse(0),
        written.interval().orElse(OUTLIER_INTERVAL),
        written.baseEjectionTime().orElse(EJECTION),
        written.maxEjectionPercent().orElse(0) > 0
            ? written.maxEjectionPercent().getAsInt()
            : EJECTED_PERCENT,
        written.minHealthPercent().orElse(0));
  }

  /** A headless service is reached at the very endpoint that was dialled. */
  private static Discovery discovery(Destination destination, ServicePort port, String subset) {
    MeshService service = destination.service();
    String name = Names.outbound(port.number(), subset, service.host());
    if (service.resolution() == Resolution.PASSTHROUGH || service.isHeadless()) {
      return new Discovery.OriginalDestination();
    }
    if (service.resolution() == Resolution.DNS) {
      return new Discovery.StrictDns(
          Endpoints.of(name, destination.identities(port.number()).byName()));
    }
    return new Discovery.Eds(name);
  }

  static LoadBalancing balancing(Discovery discovery, Optional<TrafficPolicy> policy) {
    if (discovery instanceof Discovery.OriginalDestination) {
      return LoadBalancing.CLUSTER_PROVIDED;
    }
    return switch (policy
        .flatMap(TrafficPolicy::loadBalancer)
        .orElse(DestinationRule.LoadBalancer.UNSPECIFIED)) {
      case UNSPECIFIED, LEAST_REQUEST, LEAST_CONN, PASSTHROUGH -> LoadBalancing.LEAST_REQUEST;
      case RANDOM -> LoadBalancing.RANDOM;
      case ROUND_ROBIN -> LoadBalancing.ROUND_ROBIN;
    };
  }

  static UpstreamProtocol protocol(PortProtocol protocol) {
    return switch (protocol) {
      case HTTP -> UpstreamProtocol.HTTP1;
      case HTTP2, GRPC, GRPC_WEB -> UpstreamProtocol.HTTP2;
      case HTTPS, TLS, TCP, UDP, UNSPECIFIED -> UpstreamProtocol.USE_DOWNSTREAM;
    };
  }

  private List<TransportMatch> transport(
      Destination destination,
      ServicePort port,
      String subset,
      Discovery discovery,
      Optional<ClientTls> written) {
    if (written.isPresent()) {
      return explicit(destination, port, subset, written.get());
    }
    if (destination.service().meshExternal() || !mesh.enableAutoMtls()) {
      return InboundClusters.PLAINTEXT;
    }
    TlsSettings.Upstream mutual = mutual(destination, port, subset, List.of(), Optional.empty());
    if (discovery instanceof Discovery.OriginalDestination) {
      return destination.identities(port.number()).allMutualTls()
          ? List.of(always(mutual))
          : InboundClusters.PLAINTEXT;
    }
    return List.of(
        new TransportMatch("tlsMode-istio", MUTUAL_TLS_LABEL, Optional.of(mutual)),
        new TransportMatch("tlsMode-disabled", Map.of(), Optional.empty()));
  }

  private List<TransportMatch> explicit(
      Destination destination, ServicePort port, String subset, ClientTls tls) {
    MeshService service = destination.service();
    return switch (tls.mode()) {
      case DISABLE -> InboundClusters.PLAINTEXT;
      case ISTIO_MUTUAL ->
          List.of(always(mutual(destination, port, subset, tls.subjectAltNames(), tls.sni())));
      case SIMPLE -> List.of(always(originated(tls, false, port, service)));
      case MUTUAL -> List.of(always(originated(tls, true, port, service)));
    };
  }

  private TlsSettings.Upstream originated(
      ClientTls tls, boolean mutual, ServicePort port, MeshService service) {
    return Tls.originated(tls, mutual, port.protocol(), service, Tls.minimum(mesh));
  }

  private TlsSettings.Upstream mutual(
      Destination destination,
      ServicePort port,
      String subset,
      List<String> writtenNames,
      Optional<String> writtenServerName) {
    MeshService service = destination.service();
    return Tls.mesh(
        mesh,
        port.protocol(),
        serverNames(service, destination.identities(port.number()), writtenNames),
        writtenServerName.orElseGet(() -> Names.serverName(port.number(), subset, service)));
  }

  /** The names that a service's servers may have; none: any of the mesh. */
  static SortedSet<String> serverNames(
      MeshService service, PortIdentities identities, List<String> written) {
    TreeSet<String> names = new TreeSet<>(written);
    if (names.isEmpty()) {
      names.addAll(identities.spiffeIds());
      names.addAll(service.subjectAltNames());
    }
    return names;
  }

  private static TransportMatch always(TlsSettings.Upstream tls) {
    return new TransportMatch("tls", Map.of(), Optional.of(tls));
  }

  static Limits limits(Optional<ConnectionPool> pool) {
    return pool.map(
            written ->
                new Limits(
                    written.maxConnections().orElse(Integer.MAX_VALUE),
                    written.http1MaxPendingRequests().orElse(Integer.MAX_VALUE),
                    written.http2MaxRequests().orElse(Integer.MAX_VALUE)))
        .orElse(Limits.NONE);
  }

  private static Cluster special(String name, Discovery discovery) {
    return new Cluster(
        name,
        discovery,
        balancing(discovery, Optional.empty()),
        CONNECT_TIMEOUT,
        UpstreamProtocol.USE_DOWNSTREAM,
        InboundClusters.PLAINTEXT,
        Optional.empty(),
        Limits.NONE,
        Optional.empty());
  }
}
