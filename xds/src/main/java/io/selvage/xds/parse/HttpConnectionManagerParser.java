package io.selvage.xds.parse;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.NetworkStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code http_connection_manager}: its filters, and the options that security hangs on. */
final class HttpConnectionManagerParser {
  private static final String ROUTER = Router.getDescriptor().getFullName();
  private static final String JWT = JwtAuthentication.getDescriptor().getFullName();
  private static final String RBAC_FILTER = RBAC.getDescriptor().getFullName();
  private static final String EXT_AUTHZ = ExtAuthz.getDescriptor().getFullName();
  private static final String FAULT = HTTPFault.getDescriptor().getFullName();

  private HttpConnectionManagerParser() {}

  static NetworkStack.Http parse(HttpConnectionManager from, At at) {
    return new NetworkStack.Http(
        from.getStatPrefix(),
        codec(from, at),
        filters(from, at),
        routes(from, at),
        path(from, at),
        clientCertificate(from, at),
        limits(from, at),
        webSocket(from, at),
        from.getXffNumTrustedHops(),
        from.getUseRemoteAddress().getValue(),
        from.getServerName(),
        AccessLogParser.parse(from.getAccessLogList(), at));
  }

  private static NetworkStack.Codec codec(HttpConnectionManager from, At at) {
    return switch (from.getCodecType()) {
      case AUTO -> NetworkStack.Codec.AUTO;
      case HTTP1 -> NetworkStack.Codec.HTTP1;
      case HTTP2 -> NetworkStack.Codec.HTTP2;
      case HTTP3, UNRECOGNIZED -> {
        at.field("codec_type").refuse("is not supported: " + from.getCodecTypeValue());
        yield NetworkStack.Codec.AUTO;
      }
    };
  }

  private static NetworkStack.RouteSource routes(HttpConnectionManager from, At at) {
    return switch (from.getRouteSpecifierCase()) {
      case RDS ->
          new NetworkStack.RouteSource.Named(
              Values.filled(
                  from.getRds().getRouteConfigName(), at.field("rds").field("route_config_name")));
      case ROUTE_CONFIG, SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET -> {
        if (!from.hasRouteConfig()) {
          at.refuse("has no routes that are understood: rds or route_config is needed");
        }
        yield new NetworkStack.RouteSource.Inline(
            RouteParser.parse(from.getRouteConfig(), at.field("route_config")));
      }
    };
  }

  private static List<HttpFilter> filters(HttpConnectionManager from, At at) {
    List<HttpFilter> to = new ArrayList<>();
    StageCollector stages = new StageCollector(EnvoyNames.HTTP_RBAC);
    int last = from.getHttpFiltersCount() - 1;
    if (last < 0 || !typeName(from, last).equals(ROUTER)) {
      at.field("http_filters").refuse("must end with the router");
    }
    for (int i = 0; i <= last; i++) {
      String type = typeName(from, i);
      Any config = from.getHttpFilters(i).getTypedConfig();
      At place = at.item("http_filters", i).field("typed_config");
      if (type.equals(RBAC_FILTER)) {
        stages.rbac(place.unpack(config, RBAC.getDefaultInstance()), place);
        continue;
      }
      if (type.equals(EXT_AUTHZ)) {
        AuthorizerParser.http(place.unpack(config, ExtAuthz.getDefaultInstance()), stages, place);
        continue;
      }
      stages = flushed(stages, to);
      if (from.getHttpFilters(i).hasConfigDiscovery()) {
        to.add(
            new HttpFilter.Discovered(
                ExtensionParser.name(
                    from.getHttpFilters(i).getName(),
                    from.getHttpFilters(i).getConfigDiscovery(),
                    RBAC.getDescriptor(),
                    at.item("http_filters", i))));
      } else if (type.equals(ROUTER)) {
        place.unpack(config, Router.getDefaultInstance());
        if (i != last) {
          place.refuse("is a router before the end");
        }
      } else if (type.equals(JWT)) {
        to.add(
            JwtParser.parse(place.unpack(config, JwtAuthentication.getDefaultInstance()), place));
      } else {
        passOver(from.getHttpFilters(i).getName(), config, type, to, place);
      }
    }
    flushed(stages, to);
    return List.copyOf(to);
  }

  private static String typeName(HttpConnectionManager from, int i) {
    return Values.typeName(from.getHttpFilters(i).getTypedConfig());
  }

  private static StageCollector flushed(StageCollector stages, List<HttpFilter> to) {
    if (stages.isEmpty()) {
      return stages;
    }
    var authorization = stages.finish();
    to.add(new HttpFilter.Authorize(authorization, stages.providers()));
    return new StageCollector(EnvoyNames.HTTP_RBAC);
  }

  private static void passOver(String name, Any config, String type, List<HttpFilter> to, At at) {
    if (type.equals(FAULT)) {
      at.unpack(config, HTTPFault.getDefaultInstance());
    } else if (!Understood.isPassedOver(type)) {
      at.refuse("is an HTTP filter that is not understood: " + At.quote(type));
    }
    to.add(new HttpFilter.PassedOver(name, config.getTypeUrl()));
  }

  private static NetworkStack.PathNormalization path(HttpConnectionManager from, At at) {
    boolean normalize = from.getNormalizePath().getValue();
    boolean merge = from.getMergeSlashes();
    PathWithEscapedSlashesAction escaped = from.getPathWithEscapedSlashesAction();
    boolean keep =
        escaped == PathWithEscapedSlashesAction.KEEP_UNCHANGED
            || escaped == PathWithEscapedSlashesAction.IMPLEMENTATION_SPECIFIC_DEFAULT;
    if (keep && !merge) {
      return normalize ? NetworkStack.PathNormalization.BASE : NetworkStack.PathNormalization.NONE;
    }
    if (keep && normalize) {
      return NetworkStack.PathNormalization.MERGE_SLASHES;
    }
    if (!(normalize && merge && escaped == PathWithEscapedSlashesAction.UNESCAPE_AND_FORWARD)) {
      at.refuse(
          "normalize_path "
              + normalize
              + ", merge_slashes "
              + merge
              + ", path_with_escaped_slashes_action "
              + escaped
              + " is none of NONE, BASE, MERGE_SLASHES, DECODE_AND_MERGE_SLASHES");
    }
    return NetworkStack.PathNormalization.DECODE_AND_MERGE_SLASHES;
  }

  private static NetworkStack.ForwardedClientCert clientCertificate(
      HttpConnectionManager from, At at) {
    var details = from.getSetCurrentClientCertDetails();
    NetworkStack.ForwardedClientCert.Mode mode =
        switch (from.getForwardClientCertDetails()) {
          case SANITIZE -> NetworkStack.ForwardedClientCert.Mode.SANITIZE;
          case FORWARD_ONLY -> NetworkStack.ForwardedClientCert.Mode.FORWARD_ONLY;
          case APPEND_FORWARD -> NetworkStack.ForwardedClientCert.Mode.APPEND_FORWARD;
          case SANITIZE_SET -> NetworkStack.ForwardedClientCert.Mode.SANITIZE_SET;
          case ALWAYS_FORWARD_ONLY -> NetworkStack.ForwardedClientCert.Mode.ALWAYS_FORWARD_ONLY;
          case UNRECOGNIZED -> {
            at.field("forward_client_cert_details").refuse("is unknown");
            yield NetworkStack.ForwardedClientCert.Mode.SANITIZE;
          }
        };
    return new NetworkStack.ForwardedClientCert(
        mode,
        details.getSubject().getValue(),
        details.getUri(),
        details.getDns(),
        details.getCert(),
        details.getChain());
  }

  private static boolean webSocket(HttpConnectionManager from, At at) {
    boolean allowed = false;
    for (int i = 0; i < from.getUpgradeConfigsCount(); i++) {
      var upgrade = from.getUpgradeConfigs(i);
      if (upgrade.getUpgradeType().equalsIgnoreCase("websocket")) {
        allowed |= !upgrade.hasEnabled() || upgrade.getEnabled().getValue();
      } else {
        at.item("upgrade_configs", i)
            .refuse("is an upgrade that is not understood: " + At.quote(upgrade.getUpgradeType()));
      }
    }
    return allowed;
  }

  private static NetworkStack.HttpLimits limits(HttpConnectionManager from, At at) {
    NetworkStack.HttpLimits defaults = NetworkStack.HttpLimits.DEFAULT;
    HttpProtocolOptions common = from.getCommonHttpProtocolOptions();
    var http2 = from.getHttp2ProtocolOptions();
    return new NetworkStack.HttpLimits(
        Values.clamped(
            from.hasMaxRequestHeadersKb(),
            from.getMaxRequestHeadersKb(),
            defaults.maxRequestHeadersKiB()),
        Values.clamped(
            common.hasMaxHeadersCount(), common.getMaxHeadersCount(), defaults.maxHeaders()),
        Values.clamped(
            http2.hasMaxConcurrentStreams(),
            http2.getMaxConcurrentStreams(),
            defaults.maxConcurrentStreams()),
        Values.duration(
            from.hasRequestHeadersTimeout(),
            from.getRequestHeadersTimeout(),
            Duration.ZERO,
            at.field("request_headers_timeout")),
        Values.duration(
            from.hasStreamIdleTimeout(),
            from.getStreamIdleTimeout(),
            defaults.streamIdleTimeout(),
            at.field("stream_idle_timeout")),
        Values.duration(
            common.hasIdleTimeout(),
            common.getIdleTimeout(),
            defaults.connectionIdleTimeout(),
            at.field("common_http_protocol_options").field("idle_timeout")),
        Values.duration(
            from.hasDrainTimeout(),
            from.getDrainTimeout(),
            defaults.drainTimeout(),
            at.field("drain_timeout")));
  }
}
