package io.selvage.xds.resource;

import io.selvage.policy.Authorization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One step between codec and router. */
public sealed interface HttpFilter {
  /**
   * {@code jwt_authn}, as istiod configures it: all providers apply to every path, a missing token
   * passes, a bad one is refused.
   *
   * @param providers one for each issuer rule
   * @param bypassCorsPreflight a CORS preflight is let through
   */
  record JwtAuthentication(List<Provider> providers, boolean bypassCorsPreflight)
      implements HttpFilter {}

  /**
   * One issuer ({@code JwtProvider}).
   *
   * @param name unique in the filter
   * @param issuer must equal {@code iss}
   * @param audiences any must be in {@code aud}; empty: all are taken
   * @param jwks a JWK set as JSON. Envoy refuses a listener whose set holds no valid public key: to
   *     make every token fail, give a key whose private half nobody has
   * @param fromHeaders where tokens are looked for
   * @param fromParams query parameters
   * @param fromCookies cookies
   * @param forward the token stays in the request
   * @param payloadHeader header that gets the payload in base64url
   * @param claimHeaders claim path (dots for nesting) by header name
   * @param spaceDelimitedClaims claims that are split at spaces, beside {@code scope} and {@code
   *     permission}
   * @param clockSkew tolerance on {@code exp} and {@code nbf}
   */
  record Provider(
      String name,
      String issuer,
      List<String> audiences,
      String jwks,
      List<HeaderLocation> fromHeaders,
      List<String> fromParams,
      List<String> fromCookies,
      boolean forward,
      Optional<String> payloadHeader,
      Map<String, String> claimHeaders,
      List<String> spaceDelimitedClaims,
      Duration clockSkew) {}

  /**
   * A header with a token.
   *
   * @param name header
   * @param prefix text before the token, such as {@code "Bearer "}; may be empty
   */
  record HeaderLocation(String name, String prefix) {}

  /**
   * {@code rbac} and {@code ext_authz} filters, in order.
   *
   * @param authorization the stages
   * @param providers where CUSTOM stages find their provider, by name
   */
  record Authorize(Authorization authorization, List<ExternalAuthorizer> providers)
      implements HttpFilter {}

  /**
   * An {@code rbac} filter whose rules come by ECDS. In a configuration that is whole there is
   * none: it is an {@link Authorize} then.
   *
   * @param name of the {@link ExtensionConfig}
   */
  record Discovered(String name) implements HttpFilter {}

  /**
   * A filter that changes no security decision and is passed over: statistics, metadata exchange,
   * fault injection that is not configured.
   *
   * @param name as configured
   * @param typeUrl as configured
   */
  record PassedOver(String name, String typeUrl) implements HttpFilter {}
}
