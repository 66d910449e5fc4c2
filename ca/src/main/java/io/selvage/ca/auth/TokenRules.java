package io.selvage.ca.auth;

import java.util.Set;

/**
 * What a token must say to be believed.
 *
 * @param issuer the one accepted {@code iss}
 * @param audiences one of which {@code aud} must name
 * @param trustDomain the trust domain of the identities that it gives
 */
public record TokenRules(String issuer, Set<String> audiences, String trustDomain) {
  /** The audience of Istio's CA. */
  public static final String ISTIO_CA = "istio-ca";

  public TokenRules {
    audiences = Set.copyOf(audiences);
    if (issuer.isBlank() || audiences.isEmpty()) {
      throw new IllegalArgumentException("a token rule names an issuer and at least one audience");
    }
  }
}
