package io.selvage.xds.encode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.NetworkStack;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * HTTP stacks of one listener as {@code http_connection_manager}, the router at the end of each.
 * The ports of a listener ask the same: their filters are encoded once.
 */
final class HttpConnectionManagerEncoder {
  private static final io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
          .HttpFilter
      ROUTER = filter(EnvoyNames.ROUTER, Router.getDefaultInstance());

  private final EncodedParts parts;
  private final IdentityHashMap<
          HttpFilter,
          List<
              io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter>>
      said = new IdentityHashMap<>();

  HttpConnectionManagerEncoder(EncodedParts parts) {
    this.parts = parts;
  }

  HttpConnectionManager encode(NetworkStack.Http from) {
    HttpConnectionManager.Builder to =
        HttpConnectionManager.newBuilder()
            .setStatPrefix(from.statPrefix())
            .setCodecType(codec(from.codec()))
            .setXffNumTrustedHops(from.xffTrustedHops())
            .setUseRemoteAddress(Values.bool(from.useRemoteAddress()))
            .setServerName(from.serverName())
            .setInternalAddressConfig(
                HttpConnectionManager.InternalAddressConfig.getDefaultInstance());
    routes(from.routes(), to);
    from.filters()
        .forEach(filter -> to.addAllHttpFilters(said.computeIfAbsent(filter, this::filters)));
    to.addHttpFilters(ROUTER);
    path(from.pathNormalization(), to);
    clientCertificate(from.forwardedClientCert(), to);
    limits(from.limits(), to);
    if (from.webSocket()) {
      to.addUpgradeConfigs(
          HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType("websocket"));
    }
    from.accessLog().ifPresent(log -> to.addAccessLog(parts.accessLog(log)));
    return to.build();
  }

  private static HttpConnectionManager.CodecType codec(NetworkStack.Codec codec) {
    return switch (codec) {
      case AUTO -> HttpConnectionManager.CodecType.AUTO;
      case HTTP1 -> HttpConnectionManager.CodecType.HTTP1;
      case HTTP2 -> HttpConnectionManager.CodecType.HTTP2;
    };
  }

  private static void routes(NetworkStack.RouteSource from, HttpConnectionManager.Builder to) {
    switch (from) {
      case NetworkStack.RouteSource.Named(String name) ->
          to.setRds(Rds.newBuilder().setConfigSource(Values.ADS).setRouteConfigName(name));
      case NetworkStack.RouteSource.Inline(var routes) ->
          to.setRouteConfig(RouteEncoder.encode(routes));
    }
  }

  private List<io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter>
      filters(HttpFilter from) {
    return switch (from) {
      case HttpFilter.JwtAuthentication jwt ->
          List.of(filter(EnvoyNames.JWT_AUTHN, JwtEncoder.encode(jwt)));
      case HttpFilter.Authorize(var authorization, var providers) ->
          new AuthorizationEncoder(providers, parts)
              .http(authorization).stream()
                  .map(filter -> filter(filter.name(), filter.config()))
                  .toList();
      case HttpFilter.Discovered(String name) ->
          List.of(
              io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
                  .newBuilder()
                  .setName(name)
                  .setConfigDiscovery(Values.discovered(RBAC.getDescriptor()))
                  .build());
      case HttpFilter.PassedOver(String name, String typeUrl) ->
          List.of(
              io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
                  .newBuilder()
                  .setName(name)
                  .setTypedConfig(Any.newBuilder().setTypeUrl(typeUrl))
                  .build());
    };
  }

  private static io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
          .HttpFilter
      filter(String name, Message config) {
    return io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
        .newBuilder()
        .setName(name)
        .setTypedConfig(Packing.pack(config))
        .build();
  }

  private static void path(NetworkStack.PathNormalization from, HttpConnectionManager.Builder to) {
    to.setNormalizePath(Values.bool(from != NetworkStack.PathNormalization.NONE))
        .setMergeSlashes(
            from == NetworkStack.PathNormalization.MERGE_SLASHES
                || from == NetworkStack.PathNormalization.DECODE_AND_MERGE_SLASHES)
        .setPathWithEscapedSlashesAction(
            from == NetworkStack.PathNormalization.DECODE_AND_MERGE_SLASHES
                ? PathWithEscapedSlashesAction.UNESCAPE_AND_FORWARD
                : PathWithEscapedSlashesAction.KEEP_UNCHANGED);
  }

  private static void clientCertificate(
      NetworkStack.ForwardedClientCert from, HttpConnectionManager.Builder to) {
    to.setForwardClientCertDetails(
            switch (from.mode()) {
              case SANITIZE -> HttpConnectionManager.ForwardClientCertDetails.SANITIZE;
              case FORWARD_ONLY -> HttpConnectionManager.ForwardClientCertDetails.FORWARD_ONLY;
              case APPEND_FORWARD -> HttpConnectionManager.ForwardClientCertDetails.APPEND_FORWARD;
              case SANITIZE_SET -> HttpConnectionManager.ForwardClientCertDetails.SANITIZE_SET;
              case ALWAYS_FORWARD_ONLY ->
                  HttpConnectionManager.ForwardClientCertDetails.ALWAYS_FORWARD_ONLY;
            })
        .setSetCurrentClientCertDetails(
            HttpConnectionManager.SetCurrentClientCertDetails.newBuilder()
                .setSubject(Values.bool(from.subject()))
                .setUri(from.uri())
                .setDns(from.dns())
                .setCert(from.cert())
                .setChain(from.chain()));
  }

  private static void limits(NetworkStack.HttpLimits from, HttpConnectionManager.Builder to) {
    to.setMaxRequestHeadersKb(Values.uint32(from.maxRequestHeadersKiB()))
        .setCommonHttpProtocolOptions(
            HttpProtocolOptions.newBuilder()
                .setMaxHeadersCount(Values.uint32(from.maxHeaders()))
                .setIdleTimeout(Values.duration(from.connectionIdleTimeout())))
        .setHttp2ProtocolOptions(
            Http2ProtocolOptions.newBuilder()
                .setMaxConcurrentStreams(Values.uint32(from.maxConcurrentStreams())))
        .setRequestHeadersTimeout(Values.duration(from.requestHeadersTimeout()))
        .setStreamIdleTimeout(Values.duration(from.streamIdleTimeout()))
        .setDrainTimeout(Values.duration(from.drainTimeout()));
  }
}
