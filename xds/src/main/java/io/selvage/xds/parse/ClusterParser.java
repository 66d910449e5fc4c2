package io.selvage.xds.parse;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Clusters. */
final class ClusterParser {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final int LIMIT = 1024;
  private static final int CONSECUTIVE = 5;
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration EJECTION = Duration.ofSeconds(30);
  private static final int EJECTED_PERCENT = 10;
  private static final int PANIC_PERCENT = 50;

  private ClusterParser() {}

  static Cluster parse(io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    for (int i = 0; i < from.getFiltersCount(); i++) {
      String type = Values.typeName(from.getFilters(i).getTypedConfig());
      if (!Understood.isPassedOver(type)) {
        at.item("filters", i).refuse("is a cluster filter that is not understood: " + type);
      }
    }
    return new Cluster(
        from.getName(),
        discovery(from, at),
        balancing(from, at),
        Values.duration(
            from.hasConnectTimeout(),
            from.getConnectTimeout(),
            CONNECT_TIMEOUT,
            at.field("connect_timeout")),
        protocol(from, at),
        transports(from, at),
        from.getUpstreamBindConfig().hasSourceAddress()
            ? Optional.of(from.getUpstreamBindConfig().getSourceAddress().getAddress())
            : Optional.empty(),
        limits(from.getCircuitBreakers()),
        service(from),
        from.hasOutlierDetection()
            ? Optional.of(outliers(from, at.field("outlier_detection")))
            : Optional.empty(),
        from.getCommonLbConfig().hasLocalityWeightedLbConfig());
  }

  /** What is left out has Envoy's default; what is not enforced counts as never. */
  private static Cluster.OutlierDetection outliers(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, At at) {
    OutlierDetection from = cluster.getOutlierDetection();
    boolean errors =
        !from.hasEnforcingConsecutive5Xx() || from.getEnforcingConsecutive5Xx().getValue() > 0;
    boolean gateway = from.getEnforcingConsecutiveGatewayFailure().getValue() > 0;
    double panic =
        cluster.getCommonLbConfig().hasHealthyPanicThreshold()
            ? cluster.getCommonLbConfig().getHealthyPanicThreshold().getValue()
            : PANIC_PERCENT;
    return new Cluster.OutlierDetection(
        errors
            ? Values.clamped(from.hasConsecutive5Xx(), from.getConsecutive5Xx(), CONSECUTIVE)
            : 0,
        gateway
            ? Values.clamped(
                from.hasConsecutiveGatewayFailure(),
                from.getConsecutiveGatewayFailure(),
                CONSECUTIVE)
            : 0,
        Values.duration(from.hasInterval(), from.getInterval(), INTERVAL, at.field("interval")),
        Values.duration(
            from.hasBaseEjectionTime(),
            from.getBaseEjectionTime(),
            EJECTION,
            at.field("base_ejection_time")),
        Math.min(
            100,
            Values.clamped(
                from.hasMaxEjectionPercent(), from.getMaxEjectionPercent(), EJECTED_PERCENT)),
        (int) Math.clamp(panic, 0, 100));
  }

  private static Cluster.Discovery discovery(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    return switch (from.getType()) {
      case EDS -> {
        String name = from.getEdsClusterConfig().getServiceName();
        yield new Cluster.Discovery.Eds(name.isEmpty() ? from.getName() : name);
      }
      case STATIC ->
          from.hasLoadAssignment()
              ? new Cluster.Discovery.Static(assignment(from, at))
              : new Cluster.Discovery.None();
      case STRICT_DNS -> new Cluster.Discovery.StrictDns(assignment(from, at));
      case ORIGINAL_DST -> new Cluster.Discovery.OriginalDestination();
      case LOGICAL_DNS, UNRECOGNIZED -> {
        at.field("type").refuse("is not understood: " + from.getTypeValue());
        yield new Cluster.Discovery.None();
      }
    };
  }

  private static ClusterLoadAssignment assignment(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    return EndpointsParser.parse(from.getLoadAssignment(), at.field("load_assignment"));
  }

  private static Cluster.LoadBalancing balancing(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    return switch (from.getLbPolicy()) {
      case LEAST_REQUEST -> Cluster.LoadBalancing.LEAST_REQUEST;
      case ROUND_ROBIN -> Cluster.LoadBalancing.ROUND_ROBIN;
      case RANDOM -> Cluster.LoadBalancing.RANDOM;
      case CLUSTER_PROVIDED -> Cluster.LoadBalancing.CLUSTER_PROVIDED;
      case RING_HASH, MAGLEV, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED -> {
        at.field("lb_policy").refuse("is not supported: " + from.getLbPolicyValue());
        yield Cluster.LoadBalancing.LEAST_REQUEST;
      }
    };
  }

  private static Cluster.UpstreamProtocol protocol(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    Cluster.UpstreamProtocol protocol = Cluster.UpstreamProtocol.HTTP1;
    for (var entry : from.getTypedExtensionProtocolOptionsMap().entrySet()) {
      At place = at.entry("typed_extension_protocol_options", entry.getKey());
      if (!entry.getKey().equals(EnvoyNames.HTTP_PROTOCOL_OPTIONS)) {
        place.refuse("is not understood");
        continue;
      }
      HttpProtocolOptions options =
          place.unpack(entry.getValue(), HttpProtocolOptions.getDefaultInstance());
      protocol =
          switch (options.getUpstreamProtocolOptionsCase()) {
            case EXPLICIT_HTTP_CONFIG ->
                options.getExplicitHttpConfig().hasHttp2ProtocolOptions()
                    ? Cluster.UpstreamProtocol.HTTP2
                    : Cluster.UpstreamProtocol.HTTP1;
            case USE_DOWNSTREAM_PROTOCOL_CONFIG -> Cluster.UpstreamProtocol.USE_DOWNSTREAM;
            case AUTO_CONFIG, UPSTREAMPROTOCOLOPTIONS_NOT_SET -> {
              place.refuse("says no protocol that is understood");
              yield Cluster.UpstreamProtocol.HTTP1;
            }
          };
    }
    return protocol;
  }

  /** A cluster's one socket is the match that every endpoint meets. */
  private static List<Cluster.TransportMatch> transports(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from, At at) {
    List<Cluster.TransportMatch> to = new ArrayList<>();
    for (int i = 0; i < from.getTransportSocketMatchesCount(); i++) {
      var match = from.getTransportSocketMatches(i);
      At place = at.item("transport_socket_matches", i);
      to.add(
          new Cluster.TransportMatch(
              match.getName(),
              labels(match.getMatch(), place.field("match")),
              TlsParser.upstream(match.getTransportSocket(), place.field("transport_socket"))));
    }
    if (from.hasTransportSocket()) {
      to.add(
          new Cluster.TransportMatch(
              "transport_socket",
              Map.of(),
              TlsParser.upstream(from.getTransportSocket(), at.field("transport_socket"))));
    }
    return List.copyOf(to);
  }

  static Map<String, String> labels(Struct from, At at) {
    Map<String, String> to = new LinkedHashMap<>();
    from.getFieldsMap()
        .forEach(
            (key, value) -> {
              if (value.getKindCase() != Value.KindCase.STRING_VALUE) {
                at.field(At.quote(key)).refuse("is no text");
              }
              to.put(key, value.getStringValue());
            });
    return Map.copyOf(to);
  }

  private static Cluster.Limits limits(CircuitBreakers from) {
    return from.getThresholdsList().stream()
        .filter(limits -> limits.getPriority() == RoutingPriority.DEFAULT)
        .findFirst()
        .map(
            limits ->
                new Cluster.Limits(
                    Values.clamped(limits.hasMaxConnections(), limits.getMaxConnections(), LIMIT),
                    Values.clamped(
                        limits.hasMaxPendingRequests(), limits.getMaxPendingRequests(), LIMIT),
                    Values.clamped(limits.hasMaxRequests(), limits.getMaxRequests(), LIMIT)))
        .orElse(new Cluster.Limits(LIMIT, LIMIT, LIMIT));
  }

  private static Optional<Cluster.ServiceIdentity> service(
      io.envoyproxy.envoy.config.cluster.v3.Cluster from) {
    Struct istio =
        from.getMetadata()
            .getFilterMetadataOrDefault(EnvoyNames.ISTIO, Struct.getDefaultInstance());
    return istio
        .getFieldsOrDefault("services", Value.getDefaultInstance())
        .getListValue()
        .getValuesList()
        .stream()
        .findFirst()
        .map(Value::getStructValue)
        .map(
            service ->
                new Cluster.ServiceIdentity(
                    text(service, "host"), text(service, "name"), text(service, "namespace")));
  }

  static String text(Struct from, String key) {
    return from.getFieldsOrDefault(key, Value.getDefaultInstance()).getStringValue();
  }
}
