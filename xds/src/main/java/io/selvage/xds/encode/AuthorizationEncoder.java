package io.selvage.xds.encode;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.BufferSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.HttpService;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The stages of an authorization as filters: one RBAC filter each, and for CUSTOM a pair, an RBAC
 * filter whose shadow rules leave the id of the rule that matched, and an external authorizer that
 * is asked when that id is one of its provider's (istiod's way).
 */
final class AuthorizationEncoder {
  private static final String STATS = "tcp.";

  private final List<ExternalAuthorizer> providers;
  private final EncodedParts parts;

  /**
   * One for an authorization.
   *
   * @param providers where CUSTOM stages find theirs
   */
  AuthorizationEncoder(List<ExternalAuthorizer> providers, EncodedParts parts) {
    this.providers = providers;
    this.parts = parts;
  }

  /** A filter of either chain. */
  record NamedFilter(String name, Message config) {}

  List<NamedFilter> http(Authorization authorization) {
    List<NamedFilter> filters = new ArrayList<>();
    for (Authorization.Stage stage : authorization.stages()) {
      switch (stage) {
        case Authorization.Stage.Rbac rbac ->
            filters.add(new NamedFilter(EnvoyNames.HTTP_RBAC, httpRbac(rbac, parts)));
        case Authorization.Stage.Custom custom when custom.unusable() ->
            filters.add(
                new NamedFilter(
                    EnvoyNames.HTTP_RBAC, RBAC.newBuilder().setRules(denied(custom)).build()));
        case Authorization.Stage.Custom custom -> {
          RBAC.Builder shadow =
              RBAC.newBuilder()
                  .setShadowRules(asked(custom))
                  .setShadowRulesStatPrefix(EnvoyNames.CUSTOM_STATS);
          filters.add(new NamedFilter(EnvoyNames.HTTP_RBAC, shadow.build()));
          filters.add(new NamedFilter(EnvoyNames.HTTP_EXT_AUTHZ, httpAuthorizer(provider(custom))));
        }
      }
    }
    return filters;
  }

  List<NamedFilter> network(Authorization authorization) {
    List<NamedFilter> filters = new ArrayList<>();
    for (Authorization.Stage stage : authorization.stages()) {
      switch (stage) {
        case Authorization.Stage.Rbac rbac ->
            filters.add(new NamedFilter(EnvoyNames.NETWORK_RBAC, networkRbac(rbac, parts)));
        case Authorization.Stage.Custom custom when custom.unusable() ->
            filters.add(
                new NamedFilter(
                    EnvoyNames.NETWORK_RBAC, networkRbac().setRules(denied(custom)).build()));
        case Authorization.Stage.Custom custom -> {
          var shadow =
              networkRbac()
                  .setShadowRules(asked(custom))
                  .setShadowRulesStatPrefix(EnvoyNames.CUSTOM_STATS);
          filters.add(new NamedFilter(EnvoyNames.NETWORK_RBAC, shadow.build()));
          filters.add(
              new NamedFilter(EnvoyNames.NETWORK_EXT_AUTHZ, networkAuthorizer(provider(custom))));
        }
      }
    }
    return filters;
  }

  /** A filter of either layer that listeners name. */
  static TypedExtensionConfig extension(ExtensionConfig from, EncodedParts parts) {
    Message filter =
        switch (from.layer()) {
          case HTTP -> httpRbac(from.stage(), parts);
          case NETWORK -> networkRbac(from.stage(), parts);
        };
    return TypedExtensionConfig.newBuilder()
        .setName(from.name())
        .setTypedConfig(Packing.pack(filter))
        .build();
  }

  private static io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.Builder networkRbac() {
    return io.envoyproxy
        .envoy
        .extensions
        .filters
        .network
        .rbac
        .v3
        .RBAC
        .newBuilder()
        .setStatPrefix(STATS);
  }

  private static io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC networkRbac(
      Authorization.Stage.Rbac stage, EncodedParts parts) {
    var to = networkRbac();
    put(stage, parts, to::setRules, to::setShadowRules, to::setShadowRulesStatPrefix);
    return to.build();
  }

  private static RBAC httpRbac(Authorization.Stage.Rbac stage, EncodedParts parts) {
    RBAC.Builder to = RBAC.newBuilder();
    put(stage, parts, to::setRules, to::setShadowRules, to::setShadowRulesStatPrefix);
    return to.build();
  }

  /** The two layers' filters have the same fields and no common type. */
  private static void put(
      Authorization.Stage.Rbac stage,
      EncodedParts parts,
      Consumer<io.envoyproxy.envoy.config.rbac.v3.RBAC> rules,
      Consumer<io.envoyproxy.envoy.config.rbac.v3.RBAC> shadow,
      Consumer<String> shadowStats) {
    stage.enforced().ifPresent(set -> rules.accept(RbacEncoder.encode(set, parts)));
    stage
        .shadow()
        .ifPresent(
            set -> {
              shadow.accept(RbacEncoder.encode(set, parts));
              shadowStats.accept(dryRunStats(set));
            });
  }

  private static String dryRunStats(RbacPolicy.RuleSet rules) {
    return switch (rules.action()) {
      case ALLOW -> EnvoyNames.DRY_RUN_ALLOW_STATS;
      case DENY -> EnvoyNames.DRY_RUN_DENY_STATS;
      case LOG -> "";
    };
  }

  private io.envoyproxy.envoy.config.rbac.v3.RBAC asked(Authorization.Stage.Custom custom) {
    return RbacEncoder.encode(custom.rules(), id -> prefixed(custom.provider(), id), parts);
  }

  private io.envoyproxy.envoy.config.rbac.v3.RBAC denied(Authorization.Stage.Custom custom) {
    return RbacEncoder.encode(
        new RbacPolicy.RuleSet(RbacPolicy.Action.DENY, custom.rules().rules()),
        id -> prefixed(custom.provider(), id) + EnvoyNames.BAD_CUSTOM_ID,
        parts);
  }

  private static String prefixed(String provider, String id) {
    String prefix = EnvoyNames.CUSTOM_ID + provider + "-";
    return id.startsWith(prefix) ? id : prefix + id;
  }

  private ExternalAuthorizer provider(Authorization.Stage.Custom custom) {
    return providers.stream()
        .filter(provider -> provider.provider().equals(custom.provider()))
        .findFirst()
        .orElseThrow(
            () ->
                new EncodingException(
                    "CUSTOM names provider "
                        + custom.provider()
                        + ", which is not there; mark the stage unusable to deny"));
  }

  private static ExtAuthz httpAuthorizer(ExternalAuthorizer from) {
    ExtAuthz.Builder to =
        ExtAuthz.newBuilder()
            .setTransportApiVersion(ApiVersion.V3)
            .setFailureModeAllow(from.failOpen())
            .setStatusOnError(HttpStatus.newBuilder().setCode(status(from.statusOnError())))
            .setFilterEnabledMetadata(whenAsked(EnvoyNames.HTTP_RBAC, from.provider()));
    from.requestBody()
        .ifPresent(
            body ->
                to.setWithRequestBody(
                    BufferSettings.newBuilder()
                        .setMaxRequestBytes(body.maxBytes())
                        .setAllowPartialMessage(body.allowPartial())
                        .setPackAsBytes(body.asBytes())));
    switch (from.protocol()) {
      case ExternalAuthorizer.Protocol.Grpc _ -> to.setGrpcService(grpc(from));
      case ExternalAuthorizer.Protocol.Http http -> {
        to.setHttpService(httpService(from, http));
        if (!http.includeHeaders().isEmpty()) {
          to.setAllowedHeaders(Values.strings(http.includeHeaders()));
        }
      }
    }
    return to.build();
  }

  private static StatusCode status(int code) {
    StatusCode status = StatusCode.forNumber(code);
    if (status == null || status == StatusCode.Empty) {
      throw new EncodingException("Envoy doesn't know HTTP status " + code);
    }
    return status;
  }

  private static HttpService httpService(
      ExternalAuthorizer from, ExternalAuthorizer.Protocol.Http http) {
    HttpService.Builder to =
        HttpService.newBuilder()
            .setPathPrefix(http.pathPrefix())
            .setServerUri(
                HttpUri.newBuilder()
                    .setUri("http://" + authority(from))
                    .setCluster(from.cluster())
                    .setTimeout(Values.duration(from.timeout())));
    if (!http.addedHeaders().isEmpty()) {
      AuthorizationRequest.Builder request = AuthorizationRequest.newBuilder();
      for (ExternalAuthorizer.Header header : http.addedHeaders()) {
        request.addHeadersToAdd(
            HeaderValue.newBuilder().setKey(header.name()).setValue(header.value()));
      }
      to.setAuthorizationRequest(request);
    }
    AuthorizationResponse.Builder response = AuthorizationResponse.newBuilder();
    if (!http.toUpstreamOnAllow().isEmpty()) {
      response.setAllowedUpstreamHeaders(Values.strings(http.toUpstreamOnAllow()));
    }
    if (!http.toDownstreamOnDeny().isEmpty()) {
      response.setAllowedClientHeaders(Values.strings(http.toDownstreamOnDeny()));
    }
    if (!http.toDownstreamOnAllow().isEmpty()) {
      response.setAllowedClientHeadersOnSuccess(Values.strings(http.toDownstreamOnAllow()));
    }
    AuthorizationResponse built = response.build();
    return built.equals(AuthorizationResponse.getDefaultInstance())
        ? to.build()
        : to.setAuthorizationResponse(built).build();
  }

  private static Message networkAuthorizer(ExternalAuthorizer from) {
    if (!(from.protocol() instanceof ExternalAuthorizer.Protocol.Grpc)) {
      throw new EncodingException(
          "provider " + from.provider() + " speaks HTTP, which can't decide on a TCP connection");
    }
    return io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.newBuilder()
        .setStatPrefix(STATS)
        .setTransportApiVersion(ApiVersion.V3)
        .setFailureModeAllow(from.failOpen())
        .setGrpcService(grpc(from))
        .setFilterEnabledMetadata(whenAsked(EnvoyNames.NETWORK_RBAC, from.provider()))
        .build();
  }

  /** A cluster's name has bars, which no authority may have. */
  private static String authority(ExternalAuthorizer from) {
    int host = from.cluster().lastIndexOf('|') + 1;
    return from.cluster().substring(host);
  }

  private static GrpcService grpc(ExternalAuthorizer from) {
    return GrpcService.newBuilder()
        .setEnvoyGrpc(
            GrpcService.EnvoyGrpc.newBuilder()
                .setClusterName(from.cluster())
                .setAuthority(authority(from)))
        .setTimeout(Values.duration(from.timeout()))
        .build();
  }

  private static MetadataMatcher whenAsked(String filter, String provider) {
    return MetadataMatcher.newBuilder()
        .setFilter(filter)
        .addPath(MetadataMatcher.PathSegment.newBuilder().setKey(EnvoyNames.CUSTOM_MATCHED))
        .setValue(
            ValueMatcher.newBuilder()
                .setStringMatch(
                    StringMatcher.newBuilder().setPrefix(EnvoyNames.CUSTOM_ID + provider + "-")))
        .build();
  }
}
