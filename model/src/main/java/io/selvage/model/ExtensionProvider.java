package io.selvage.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** An external authorizer that CUSTOM policies name ({@code MeshConfig.ExtensionProvider}). */
public sealed interface ExtensionProvider {

  String name();

  ExternalService service();

  SourceLocation at();

  /**
   * Where the authorizer is and what its silence means.
   *
   * @param host the service's host, optionally {@code namespace/host}, as written
   * @param timeout Istio's default is 600 s
   * @param failOpen a request passes when the authorizer cannot be reached; false unless written
   * @param statusOnError the HTTP status when it cannot be reached; 403 when not given
   */
  record ExternalService(
      String host,
      int port,
      Duration timeout,
      boolean failOpen,
      boolean clearRouteCache,
      OptionalInt statusOnError,
      Optional<RequestBody> includeRequestBodyInCheck) {

    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
  }

  /** How much of a request's body the authorizer is shown. */
  record RequestBody(int maxRequestBytes, boolean allowPartialMessage, boolean packAsBytes) {}

  /** Speaks {@code envoy.service.auth.v3.Authorization}; also decides on TCP connections. */
  record Grpc(String name, ExternalService service, SourceLocation at)
      implements ExtensionProvider {}

  /**
   * Gets a copy of the request's head over HTTP; 200 allows.
   *
   * @param pathPrefix put before the original path; empty for nothing
   */
  record Http(
      String name,
      ExternalService service,
      String pathPrefix,
      List<String> includeRequestHeadersInCheck,
      Map<String, String> includeAdditionalHeadersInCheck,
      List<String> headersToUpstreamOnAllow,
      List<String> headersToDownstreamOnDeny,
      List<String> headersToDownstreamOnAllow,
      SourceLocation at)
      implements ExtensionProvider {
    public Http {
      includeRequestHeadersInCheck = List.copyOf(includeRequestHeadersInCheck);
      includeAdditionalHeadersInCheck = Frozen.copy(includeAdditionalHeadersInCheck);
      headersToUpstreamOnAllow = List.copyOf(headersToUpstreamOnAllow);
      headersToDownstreamOnDeny = List.copyOf(headersToDownstreamOnDeny);
      headersToDownstreamOnAllow = List.copyOf(headersToDownstreamOnAllow);
    }

    /** Whether a list of headers is all of them, which Istio doesn't allow. */
    public boolean hasBareWildcard() {
      return Stream.of(
              includeRequestHeadersInCheck,
              headersToUpstreamOnAllow,
              headersToDownstreamOnDeny,
              headersToDownstreamOnAllow)
          .anyMatch(names -> names.contains("*"));
    }
  }
}
