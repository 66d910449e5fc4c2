package io.selvage.xds.parse;

import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.HttpService;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** External authorizers of both filter chains. */
final class AuthorizerParser {
  /** What Envoy waits when nothing is said. */
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  private static final int FORBIDDEN = 403;

  private AuthorizerParser() {}

  static void http(ExtAuthz from, StageCollector stages, At at) {
    version(from.getTransportApiVersionValue(), at);
    stages.authorizer(
        from.hasFilterEnabledMetadata()
            ? Optional.of(from.getFilterEnabledMetadata())
            : Optional.empty(),
        provider -> http(provider, from, at),
        at);
  }

  private static ExternalAuthorizer http(String provider, ExtAuthz from, At at) {
    int status = from.hasStatusOnError() ? from.getStatusOnError().getCodeValue() : FORBIDDEN;
    if (status < 200 || status > 599) {
      at.field("status_on_error").refuse("is no HTTP status: " + status);
    }
    Optional<ExternalAuthorizer.RequestBody> body =
        from.hasWithRequestBody()
            ? Optional.of(
                new ExternalAuthorizer.RequestBody(
                    Math.max(0, from.getWithRequestBody().getMaxRequestBytes()),
                    from.getWithRequestBody().getAllowPartialMessage(),
                    from.getWithRequestBody().getPackAsBytes()))
            : Optional.empty();
    return switch (from.getServicesCase()) {
      case GRPC_SERVICE -> {
        if (from.hasAllowedHeaders()) {
          at.field("allowed_headers").refuse("is not understood for a gRPC authorizer");
        }
        GrpcService grpc = from.getGrpcService();
        yield new ExternalAuthorizer(
            provider,
            cluster(grpc, at.field("grpc_service")),
            timeout(grpc, at.field("grpc_service")),
            from.getFailureModeAllow(),
            status,
            body,
            new ExternalAuthorizer.Protocol.Grpc());
      }
      case HTTP_SERVICE, SERVICES_NOT_SET -> {
        HttpService service = from.getHttpService();
        At uri = at.field("http_service").field("server_uri");
        yield new ExternalAuthorizer(
            provider,
            Values.filled(service.getServerUri().getCluster(), uri.field("cluster")),
            Values.duration(
                service.getServerUri().hasTimeout(),
                service.getServerUri().getTimeout(),
                TIMEOUT,
                uri.field("timeout")),
            from.getFailureModeAllow(),
            status,
            body,
            protocol(from, service, at.field("http_service")));
      }
    };
  }

  // Up to Istio 1.24 the headers to send were in authorization_request.
  @SuppressWarnings("deprecation")
  private static ExternalAuthorizer.Protocol protocol(ExtAuthz from, HttpService service, At at) {
    AuthorizationRequest request = service.getAuthorizationRequest();
    List<StringMatch> include =
        new ArrayList<>(
            Values.strings(
                from.getAllowedHeaders().getPatternsList(), at.field("allowed_headers")));
    include.addAll(
        Values.strings(
            request.getAllowedHeaders().getPatternsList(), at.field("authorization_request")));
    At response = at.field("authorization_response");
    return new ExternalAuthorizer.Protocol.Http(
        service.getPathPrefix(),
        List.copyOf(include),
        request.getHeadersToAddList().stream()
            .map(header -> new ExternalAuthorizer.Header(header.getKey(), header.getValue()))
            .toList(),
        Values.strings(
            service.getAuthorizationResponse().getAllowedUpstreamHeaders().getPatternsList(),
            response.field("allowed_upstream_headers")),
        Values.strings(
            service.getAuthorizationResponse().getAllowedClientHeaders().getPatternsList(),
            response.field("allowed_client_headers")),
        Values.strings(
            service.getAuthorizationResponse().getAllowedClientHeadersOnSuccess().getPatternsList(),
            response.field("allowed_client_headers_on_success")));
  }

  static void network(
      io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz from,
      StageCollector stages,
      At at) {
    version(from.getTransportApiVersionValue(), at);
    stages.authorizer(
        from.hasFilterEnabledMetadata()
            ? Optional.of(from.getFilterEnabledMetadata())
            : Optional.empty(),
        provider ->
            new ExternalAuthorizer(
                provider,
                cluster(from.getGrpcService(), at.field("grpc_service")),
                timeout(from.getGrpcService(), at.field("grpc_service")),
                from.getFailureModeAllow(),
                FORBIDDEN,
                Optional.empty(),
                new ExternalAuthorizer.Protocol.Grpc()),
        at);
  }

  /** 0 is what the field is when nothing is said. */
  private static void version(int version, At at) {
    if (version != 0 && version != ApiVersion.V3_VALUE) {
      at.field("transport_api_version").refuse("must be V3");
    }
  }

  private static String cluster(GrpcService from, At at) {
    return Values.filled(
        from.getEnvoyGrpc().getClusterName(), at.field("envoy_grpc").field("cluster_name"));
  }

  private static Duration timeout(GrpcService from, At at) {
    return Values.duration(from.hasTimeout(), from.getTimeout(), TIMEOUT, at.field("timeout"));
  }
}
