package io.selvage.xds.encode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.NonForwardingAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.XdsType;
import io.selvage.xds.grpc.GrpcResource;
import java.util.List;

/**
 * Writes resources for gRPC. What it refuses is left out: listener filters, TLS parameters, secrets
 * by SDS, and SANs for the server to check (A29, A36); certificates are a provider's of its
 * bootstrap.
 */
public final class GrpcEncoder {
  private GrpcEncoder() {}

  /** The type that a resource is of. */
  public static XdsType type(GrpcResource resource) {
    return switch (resource) {
      case GrpcResource.ApiListener _, GrpcResource.ServerListener _ -> XdsType.LISTENER;
      case GrpcResource.ServiceCluster _ -> XdsType.CLUSTER;
    };
  }

  /**
   * The resource packed for a discovery response.
   *
   * @throws EncodingException when gRPC has no form for it
   */
  public static Any encode(GrpcResource resource) {
    return encode(resource, new EncodedParts());
  }

  /**
   * The resource packed for a discovery response.
   *
   * @param parts what it has in common with others
   * @throws EncodingException when gRPC has no form for it
   */
  public static Any encode(GrpcResource resource, EncodedParts parts) {
    return Packing.pack(
        switch (resource) {
          case GrpcResource.ApiListener listener -> apiListener(listener);
          case GrpcResource.ServerListener listener -> serverListener(listener, parts);
          case GrpcResource.ServiceCluster cluster -> cluster(cluster);
        });
  }

  private static Listener apiListener(GrpcResource.ApiListener from) {
    return Listener.newBuilder()
        .setName(from.name())
        .setApiListener(
            ApiListener.newBuilder()
                .setApiListener(
                    Packing.pack(
                        HttpConnectionManager.newBuilder()
                            .setRds(
                                Rds.newBuilder()
                                    .setConfigSource(Values.ADS)
                                    .setRouteConfigName(from.routes()))
                            .addHttpFilters(router())
                            .build())))
        .build();
  }

  private static Listener serverListener(GrpcResource.ServerListener from, EncodedParts parts) {
    FilterChain.Builder chain =
        FilterChain.newBuilder()
            .setName(from.mutualTls() ? "inbound-mtls" : "inbound-plaintext")
            .addFilters(
                Filter.newBuilder()
                    .setName(EnvoyNames.HTTP_CONNECTION_MANAGER)
                    .setTypedConfig(Packing.pack(server(from.authorization(), parts))));
    if (from.mutualTls()) {
      chain.setTransportSocket(
          tls(
              DownstreamTlsContext.newBuilder()
                  .setCommonTlsContext(certificates(List.of()))
                  .setRequireClientCertificate(Values.bool(true))
                  .build()));
    }
    return Listener.newBuilder()
        .setName(from.name())
        .setTrafficDirection(TrafficDirection.INBOUND)
        .setAddress(Values.address(from.address(), from.port()))
        .addFilterChains(chain)
        .build();
  }

  private static HttpConnectionManager server(
      List<RbacPolicy.RuleSet> authorization, EncodedParts parts) {
    HttpConnectionManager.Builder to =
        HttpConnectionManager.newBuilder().setRouteConfig(everything());
    int place = 0;
    for (RbacPolicy.RuleSet rules : authorization) {
      to.addHttpFilters(
          filter(
              EnvoyNames.HTTP_RBAC + "." + rules.action() + "." + place++,
              RBAC.newBuilder().setRules(RbacEncoder.encode(rules, parts)).build()));
    }
    return to.addHttpFilters(router()).build();
  }

  /** Every call is the server's own. */
  private static RouteConfiguration everything() {
    return RouteConfiguration.newBuilder()
        .setName("inbound")
        .addVirtualHosts(
            VirtualHost.newBuilder()
                .setName("inbound")
                .addDomains("*")
                .addRoutes(
                    Route.newBuilder()
                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                        .setNonForwardingAction(NonForwardingAction.getDefaultInstance())))
        .build();
  }

  private static Cluster cluster(GrpcResource.ServiceCluster from) {
    Cluster.Builder to =
        Cluster.newBuilder()
            .setName(from.name())
            .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
            .setCircuitBreakers(
                CircuitBreakers.newBuilder()
                    .addThresholds(
                        CircuitBreakers.Thresholds.newBuilder()
                            .setMaxRequests(Values.uint32(from.maxRequests()))));
    switch (from.discovery()) {
      case GrpcResource.Discovery.Eds(String serviceName) ->
          to.setType(Cluster.DiscoveryType.EDS)
              .setEdsClusterConfig(
                  Cluster.EdsClusterConfig.newBuilder()
                      .setEdsConfig(Values.ADS)
                      .setServiceName(serviceName));
      case GrpcResource.Discovery.Dns(String host, int port) ->
          to.setType(Cluster.DiscoveryType.LOGICAL_DNS)
              .setLoadAssignment(
                  ClusterLoadAssignment.newBuilder()
                      .setClusterName(from.name())
                      .addEndpoints(
                          LocalityLbEndpoints.newBuilder()
                              .addLbEndpoints(
                                  LbEndpoint.newBuilder()
                                      .setEndpoint(
                                          Endpoint.newBuilder()
                                              .setAddress(Values.address(host, port))))));
    }
    from.serverNames()
        .ifPresent(
            names ->
                to.setTransportSocket(
                    tls(
                        UpstreamTlsContext.newBuilder()
                            .setCommonTlsContext(certificates(names))
                            .build())));
    return to.build();
  }

  private static TransportSocket tls(Message context) {
    return TransportSocket.newBuilder()
        .setName(EnvoyNames.TLS)
        .setTypedConfig(Packing.pack(context))
        .build();
  }

  // gRPC reads "match_subject_alt_names" and passes over the field that took its place (A29).
  @SuppressWarnings("deprecation")
  private static CommonTlsContext certificates(List<StringMatch> peerNames) {
    CertificateValidationContext.Builder validation =
        CertificateValidationContext.newBuilder()
            .setCaCertificateProviderInstance(provider("ROOTCA"));
    peerNames.forEach(name -> validation.addMatchSubjectAltNames(Values.string(name)));
    return CommonTlsContext.newBuilder()
        .setTlsCertificateProviderInstance(provider("default"))
        .setCombinedValidationContext(
            CombinedCertificateValidationContext.newBuilder()
                .setDefaultValidationContext(validation))
        .build();
  }

  private static CertificateProviderPluginInstance provider(String certificate) {
    return CertificateProviderPluginInstance.newBuilder()
        .setInstanceName(GrpcResource.CERTIFICATE_PROVIDER)
        .setCertificateName(certificate)
        .build();
  }

  private static HttpFilter router() {
    return filter(EnvoyNames.ROUTER, Router.getDefaultInstance());
  }

  private static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }
}
