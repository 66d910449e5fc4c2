package io.selvage.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which JSON Web Tokens workloads accept ({@code security.istio.io/v1.RequestAuthentication}).
 *
 * <p>A request without a token passes, with no request principal; one with a bad token is refused.
 */
public record RequestAuthentication(
    ObjectMeta meta,
    Optional<WorkloadSelector> selector,
    List<TargetRef> targetRefs,
    List<JwtRule> jwtRules)
    implements Resource {

  public RequestAuthentication {
    targetRefs = List.copyOf(targetRefs);
    jwtRules = List.copyOf(jwtRules);
  }

  /**
   * One issuer, where its keys and its tokens are found, and what is passed on.
   *
   * <p>With {@code fromHeaders}, {@code fromParams} and {@code fromCookies} all empty, the token is
   * looked for in {@code Authorization: Bearer} and the query parameter {@code access_token}.
   *
   * @param audiences any one of them is enough; empty accepts every audience
   * @param jwks the keys themselves, as JSON; never together with {@code jwksUri}
   * @param jwksUri absent with {@code jwks} absent: found through OpenID discovery at the issuer
   * @param timeout for fetching {@code jwksUri}
   */
  public record JwtRule(
      String issuer,
      List<String> audiences,
      Optional<String> jwks,
      Optional<String> jwksUri,
      List<JwtHeader> fromHeaders,
      List<String> fromParams,
      List<String> fromCookies,
      Optional<String> outputPayloadToHeader,
      List<ClaimToHeader> outputClaimToHeaders,
      boolean forwardOriginalToken,
      List<String> spaceDelimitedClaims,
      Duration timeout,
      SourceLocation at) {

    /** Istio's default for fetching keys. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    public JwtRule {
      audiences = List.copyOf(audiences);
      fromHeaders = List.copyOf(fromHeaders);
      fromParams = List.copyOf(fromParams);
      fromCookies = List.copyOf(fromCookies);
      outputClaimToHeaders = List.copyOf(outputClaimToHeaders);
      spaceDelimitedClaims = List.copyOf(spaceDelimitedClaims);
    }

    /** Without the keys: users do paste private ones, and this ends in logs. */
    @Override
    public String toString() {
      return "JwtRule[issuer=%s, audiences=%s, jwks=%s, jwksUri=%s, at=%s]"
          .formatted(
              issuer, audiences, jwks.isPresent() ? "inline" : "none", jwksUri.orElse("none"), at);
    }
  }

  /**
   * A header that holds the token.
   *
   * @param prefix what stands before the token, such as {@code "Bearer "}; empty for nothing
   */
  public record JwtHeader(String name, String prefix) {}

  /** A claim of a verified token that is copied into a header. */
  public record ClaimToHeader(String header, String claim) {}
}
