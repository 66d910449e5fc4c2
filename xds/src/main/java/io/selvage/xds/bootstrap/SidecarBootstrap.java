package io.selvage.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.LayeredRuntime;
import io.envoyproxy.envoy.config.bootstrap.v3.RuntimeLayer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.selvage.xds.EnvoyNames;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The bootstrap with which an unchanged Envoy becomes a workload's sidecar: who it is, where it
 * gets its configuration (ADS) and its secrets (SDS), both from the agent beside it, and where it
 * tells its figures. Runtime flags, cluster names and figures are as Istio's agent has them.
 *
 * @param nodeId {@code sidecar~ADDRESS~NAME.NAMESPACE~DOMAIN}
 * @param cluster {@code NAME.NAMESPACE}
 * @param metadata what the control plane is told of the workload
 * @param secrets the socket file at which an agent answers SDS
 * @param discovery the socket file at which it answers ADS; may be the same
 * @param admin where the admin endpoint listens: on loopback, since it can do everything
 * @param metrics where Prometheus finds the figures; empty: nowhere
 * @param variant how the stream speaks
 */
public record SidecarBootstrap(
    String nodeId,
    String cluster,
    Map<String, String> metadata,
    Path secrets,
    Path discovery,
    InetSocketAddress admin,
    Optional<InetSocketAddress> metrics,
    Variant variant) {

  private static final String METRICS_CLUSTER = "prometheus_stats";
  private static final String METRICS_PATH = "/stats/prometheus";
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(DownstreamConnectionsConfig.getDescriptor())
          .add(FileAccessLog.getDescriptor())
          .add(HttpConnectionManager.getDescriptor())
          .add(HttpProtocolOptions.getDescriptor())
          .add(Router.getDescriptor())
          .build();

  /** The two variants of the xDS protocol. */
  public enum Variant {
    /** Incremental: only what changed. */
    DELTA,
    /** State of the world: all of a type at a time. */
    STATE_OF_THE_WORLD
  }

  public SidecarBootstrap {
    metadata = Map.copyOf(metadata);
    if (admin.getAddress() == null || !admin.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "the admin endpoint can do everything: it listens on loopback only, not on " + admin);
    }
  }

  /** As JSON, which {@code envoy -c} takes. */
  public String json() {
    try {
      return JsonFormat.printer()
              .usingTypeRegistry(TYPES)
              .preservingProtoFieldNames()
              .sortingMapKeys()
              .print(bootstrap())
          + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of the bootstrap is not in the registry", e);
    }
  }

  private Bootstrap bootstrap() {
    Struct.Builder told = Struct.newBuilder();
    metadata.forEach((key, value) -> told.putFields(key, text(value)));
    Bootstrap.StaticResources.Builder fixed =
        Bootstrap.StaticResources.newBuilder()
            .addClusters(agent(EnvoyNames.SDS_CLUSTER, secrets))
            .addClusters(agent(EnvoyNames.XDS_CLUSTER, discovery));
    metrics.ifPresent(at -> fixed.addClusters(ownAdmin()).addListeners(metrics(at)));
    return Bootstrap.newBuilder()
        .setNode(Node.newBuilder().setId(nodeId).setCluster(cluster).setMetadata(told))
        .setLayeredRuntime(runtime())
        .setOverloadManager(connections())
        .setStatsConfig(SidecarStats.config())
        .setAdmin(
            Admin.newBuilder()
                .addAccessLog(
                    AccessLog.newBuilder()
                        .setName(EnvoyNames.FILE_ACCESS_LOG)
                        .setTypedConfig(
                            Any.pack(FileAccessLog.newBuilder().setPath("/dev/null").build())))
                .setAddress(address(admin)))
        .setDynamicResources(
            Bootstrap.DynamicResources.newBuilder()
                .setLdsConfig(ads())
                .setCdsConfig(ads())
                .setAdsConfig(
                    ApiConfigSource.newBuilder()
                        .setApiType(
                            switch (variant) {
                              case DELTA -> ApiConfigSource.ApiType.DELTA_GRPC;
                              case STATE_OF_THE_WORLD -> ApiConfigSource.ApiType.GRPC;
                            })
                        .setTransportApiVersion(ApiVersion.V3)
                        .setSetNodeOnFirstMessageOnly(true)
                        .addGrpcServices(
                            GrpcService.newBuilder()
                                .setEnvoyGrpc(
                                    GrpcService.EnvoyGrpc.newBuilder()
                                        .setClusterName(EnvoyNames.XDS_CLUSTER)))))
        .setStaticResources(fixed)
        .build();
  }

  /** Without a timeout: a proxy that has not heard yet what to enforce serves nothing. */
  private static ConfigSource ads() {
    return ConfigSource.newBuilder()
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setInitialFetchTimeout(Duration.getDefaultInstance())
        .setResourceApiVersion(ApiVersion.V3)
        .build();
  }

  /**
   * Istio's flags: fragments are cut off the path, not refused; regular expressions may be large.
   */
  private static LayeredRuntime runtime() {
    return LayeredRuntime.newBuilder()
        .addLayers(
            RuntimeLayer.newBuilder()
                .setName("static")
                .setStaticLayer(
                    Struct.newBuilder()
                        .putFields("re2.max_program_size.error_level", text("32768"))
                        .putFields(
                            "envoy.reloadable_features.http_reject_path_with_fragment",
                            Value.newBuilder().setBoolValue(false).build())))
        .addLayers(
            RuntimeLayer.newBuilder()
                .setName("admin")
                .setAdminLayer(RuntimeLayer.AdminLayer.getDefaultInstance()))
        .build();
  }

  /** No limit, and said so: else Envoy warns that there is none. */
  private static OverloadManager connections() {
    return OverloadManager.newBuilder()
        .addResourceMonitors(
            ResourceMonitor.newBuilder()
                .setName("envoy.resource_monitors.global_downstream_max_connections")
                .setTypedConfig(
                    Any.pack(
                        DownstreamConnectionsConfig.newBuilder()
                            .setMaxActiveDownstreamConnections(Integer.MAX_VALUE)
                            .build())))
        .build();
  }

  private static Cluster agent(String name, Path socket) {
    return cluster(
            name,
            Address.newBuilder().setPipe(Pipe.newBuilder().setPath(socket.toString())).build())
        .putTypedExtensionProtocolOptions(
            EnvoyNames.HTTP_PROTOCOL_OPTIONS,
            Any.pack(
                HttpProtocolOptions.newBuilder()
                    .setExplicitHttpConfig(
                        HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                            .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
                    .build()))
        .build();
  }

  private Cluster ownAdmin() {
    return cluster(METRICS_CLUSTER, address(admin)).build();
  }

  private static Cluster.Builder cluster(String name, Address address) {
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.STATIC)
        .setConnectTimeout(Duration.newBuilder().setSeconds(1))
        .setLoadAssignment(
            ClusterLoadAssignment.newBuilder()
                .setClusterName(name)
                .addEndpoints(
                    LocalityLbEndpoints.newBuilder()
                        .addLbEndpoints(
                            LbEndpoint.newBuilder()
                                .setEndpoint(Endpoint.newBuilder().setAddress(address)))));
  }

  /** The figures alone: everything else of the admin endpoint stays on loopback. */
  private static Listener metrics(InetSocketAddress at) {
    return Listener.newBuilder()
        .setName("metrics")
        .setAddress(address(at))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName(EnvoyNames.HTTP_CONNECTION_MANAGER)
                        .setTypedConfig(
                            Any.pack(
                                HttpConnectionManager.newBuilder()
                                    .setStatPrefix("stats")
                                    .setRouteConfig(metricsRoute())
                                    .addHttpFilters(
                                        HttpFilter.newBuilder()
                                            .setName(EnvoyNames.ROUTER)
                                            .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                                    .build()))))
        .build();
  }

  private static RouteConfiguration metricsRoute() {
    return RouteConfiguration.newBuilder()
        .addVirtualHosts(
            VirtualHost.newBuilder()
                .setName("metrics")
                .addDomains("*")
                .addRoutes(
                    Route.newBuilder()
                        .setMatch(RouteMatch.newBuilder().setPath(METRICS_PATH))
                        .setRoute(RouteAction.newBuilder().setCluster(METRICS_CLUSTER))))
        .build();
  }

  private static Address address(InetSocketAddress at) {
    return Address.newBuilder()
        .setSocketAddress(
            SocketAddress.newBuilder()
                .setAddress(at.getAddress().getHostAddress())
                .setPortValue(at.getPort()))
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
