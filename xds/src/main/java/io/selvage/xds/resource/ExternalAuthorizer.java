package io.selvage.xds.resource;

import io.selvage.policy.StringMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An external authorizer ({@code envoy.extensions.filters.http.ext_authz.v3.ExtAuthz}).
 *
 * @param provider name in mesh config
 * @param cluster where it listens
 * @param timeout for one check
 * @param failOpen an error of the authorizer lets the request pass
 * @param statusOnError HTTP status when it can't be asked and failOpen is false
 * @param requestBody how much of the body it gets
 * @param protocol gRPC or HTTP
 */
public record ExternalAuthorizer(
    String provider,
    String cluster,
    Duration timeout,
    boolean failOpen,
    int statusOnError,
    Optional<RequestBody> requestBody,
    Protocol protocol) {
  /**
   * How much of the request body is sent.
   *
   * @param maxBytes most
   * @param allowPartial ask with what fits, rather than answer 413
   * @param asBytes raw, not as UTF-8 text (gRPC)
   */
  public record RequestBody(int maxBytes, boolean allowPartial, boolean asBytes) {}

  /** How it is asked. */
  public sealed interface Protocol {
    /** {@code envoy.service.auth.v3.Authorization/Check}. */
    record Grpc() implements Protocol {}

    /**
     * A plain HTTP request.
     *
     * @param pathPrefix before the request's own path
     * @param includeHeaders request headers that are sent, beside host, method, path and
     *     content-length
     * @param addedHeaders headers with fixed values
     * @param toUpstreamOnAllow response headers that overwrite request headers on allow
     * @param toDownstreamOnDeny response headers that the client sees on deny; empty: all
     * @param toDownstreamOnAllow response headers that the client sees on allow
     */
    record Http(
        String pathPrefix,
        List<StringMatch> includeHeaders,
        List<Header> addedHeaders,
        List<StringMatch> toUpstreamOnAllow,
        List<StringMatch> toDownstreamOnDeny,
        List<StringMatch> toDownstreamOnAllow)
        implements Protocol {}
  }

  /** A header line. */
  public record Header(String name, String value) {}
}
