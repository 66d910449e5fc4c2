package io.selvage.xds.encode;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.TransportSocketMatch;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.v3.Percent;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.Cluster;
import java.util.Map;

/** Clusters. */
final class ClusterEncoder {
  private ClusterEncoder() {}

  static io.envoyproxy.envoy.config.cluster.v3.Cluster encode(Cluster from) {
    var to =
        io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
            .setName(from.name())
            .setConnectTimeout(Values.duration(from.connectTimeout()))
            .setLbPolicy(balancing(from.loadBalancing()))
            .setCircuitBreakers(limits(from.limits()))
            .putTypedExtensionProtocolOptions(
                EnvoyNames.HTTP_PROTOCOL_OPTIONS, Packing.pack(protocol(from.protocol())));
    discovery(from, to);
    from.transport().forEach(match -> to.addTransportSocketMatches(transport(match)));
    from.bindAddress()
        .ifPresent(
            address ->
                to.setUpstreamBindConfig(
                    BindConfig.newBuilder()
                        .setSourceAddress(
                            SocketAddress.newBuilder().setAddress(address).setPortValue(0))));
    from.service().ifPresent(service -> to.setMetadata(metadata(service)));
    from.outliers().ifPresent(outliers -> to.setOutlierDetection(outliers(outliers)));
    if (from.byLocality() || from.outliers().isPresent()) {
      to.setCommonLbConfig(common(from));
    }
    return to.build();
  }

  private static void discovery(
      Cluster from, io.envoyproxy.envoy.config.cluster.v3.Cluster.Builder to) {
    switch (from.discovery()) {
      case Cluster.Discovery.Eds(String serviceName) ->
          to.setType(DiscoveryType.EDS)
              .setEdsClusterConfig(
                  EdsClusterConfig.newBuilder()
                      .setEdsConfig(Values.ADS)
                      .setServiceName(serviceName));
      case Cluster.Discovery.Static(var endpoints) ->
          to.setType(DiscoveryType.STATIC).setLoadAssignment(EndpointsEncoder.encode(endpoints));
      case Cluster.Discovery.StrictDns(var endpoints) ->
          to.setType(DiscoveryType.STRICT_DNS)
              .setLoadAssignment(EndpointsEncoder.encode(endpoints));
      case Cluster.Discovery.OriginalDestination _ -> {
        if (from.loadBalancing() != Cluster.LoadBalancing.CLUSTER_PROVIDED) {
          throw new EncodingException(
              "cluster " + from.name() + ": an original destination leaves nothing to balance");
        }
        to.setType(DiscoveryType.ORIGINAL_DST);
      }
      case Cluster.Discovery.None _ -> to.setType(DiscoveryType.STATIC);
    }
  }

  private static OutlierDetection outliers(Cluster.OutlierDetection from) {
    return OutlierDetection.newBuilder()
        .setConsecutive5Xx(Values.uint32(from.consecutive5xx()))
        .setEnforcingConsecutive5Xx(Values.uint32(from.consecutive5xx() > 0 ? 100 : 0))
        .setConsecutiveGatewayFailure(Values.uint32(from.consecutiveGateway()))
        .setEnforcingConsecutiveGatewayFailure(
            Values.uint32(from.consecutiveGateway() > 0 ? 100 : 0))
        .setEnforcingSuccessRate(Values.uint32(0))
        .setInterval(Values.duration(from.interval()))
        .setBaseEjectionTime(Values.duration(from.baseEjection()))
        .setMaxEjectionPercent(Values.uint32(from.maxEjectionPercent()))
        .build();
  }

  /** Without a threshold, Envoy would use all when half of them fail. */
  private static CommonLbConfig common(Cluster from) {
    CommonLbConfig.Builder to = CommonLbConfig.newBuilder();
    from.outliers()
        .ifPresent(
            outliers ->
                to.setHealthyPanicThreshold(
                    Percent.newBuilder().setValue(outliers.minHealthPercent())));
    if (from.byLocality()) {
      to.setLocalityWeightedLbConfig(CommonLbConfig.LocalityWeightedLbConfig.getDefaultInstance());
    }
    return to.build();
  }

  private static LbPolicy balancing(Cluster.LoadBalancing from) {
    return switch (from) {
      case LEAST_REQUEST -> LbPolicy.LEAST_REQUEST;
      case ROUND_ROBIN -> LbPolicy.ROUND_ROBIN;
      case RANDOM -> LbPolicy.RANDOM;
      case CLUSTER_PROVIDED -> LbPolicy.CLUSTER_PROVIDED;
    };
  }

  private static CircuitBreakers limits(Cluster.Limits from) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            CircuitBreakers.Thresholds.newBuilder()
                .setMaxConnections(Values.uint32(from.maxConnections()))
                .setMaxPendingRequests(Values.uint32(from.maxPendingRequests()))
                .setMaxRequests(Values.uint32(from.maxRequests()))
                .setMaxRetries(Values.uint32(Integer.MAX_VALUE)))
        .build();
  }

  private static HttpProtocolOptions protocol(Cluster.UpstreamProtocol from) {
    HttpProtocolOptions.Builder to = HttpProtocolOptions.newBuilder();
    switch (from) {
      case HTTP1 ->
          to.setExplicitHttpConfig(
              HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                  .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
      case HTTP2 ->
          to.setExplicitHttpConfig(
              HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                  .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
      case USE_DOWNSTREAM ->
          to.setUseDownstreamProtocolConfig(
              HttpProtocolOptions.UseDownstreamHttpConfig.newBuilder()
                  .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                  .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
    }
    return to.build();
  }

  private static TransportSocketMatch transport(Cluster.TransportMatch from) {
    return TransportSocketMatch.newBuilder()
        .setName(from.name())
        .setMatch(struct(from.labels()))
        .setTransportSocket(TlsEncoder.upstream(from.tls()))
        .build();
  }

  static Struct struct(Map<String, String> from) {
    Struct.Builder to = Struct.newBuilder();
    from.forEach((key, value) -> to.putFields(key, text(value)));
    return to.build();
  }

  static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private static Metadata metadata(Cluster.ServiceIdentity service) {
    Value identity =
        Value.newBuilder()
            .setStructValue(
                struct(
                    Map.of(
                        "host", service.host(),
                        "name", service.name(),
                        "namespace", service.namespace())))
            .build();
    return Metadata.newBuilder()
        .putFilterMetadata(
            EnvoyNames.ISTIO,
            Struct.newBuilder()
                .putFields(
                    "services",
                    Value.newBuilder()
                        .setListValue(ListValue.newBuilder().addValues(identity))
                        .build())
                .build())
        .build();
  }
}
