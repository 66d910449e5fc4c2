package io.selvage.xds.encode;

import com.google.protobuf.Empty;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.HttpFilter;
import java.time.Duration;

/**
 * JWT authentication as istiod requires it: with one provider "valid or missing"; with more, any
 * one valid, or each valid or missing (so that a bad token is never let through by another
 * provider's "missing").
 */
final class JwtEncoder {
  private static final JwtRequirement MISSING =
      JwtRequirement.newBuilder().setAllowMissing(Empty.getDefaultInstance()).build();

  private JwtEncoder() {}

  static JwtAuthentication encode(HttpFilter.JwtAuthentication from) {
    if (from.providers().isEmpty()) {
      throw new EncodingException("JWT authentication without a provider");
    }
    JwtAuthentication.Builder to =
        JwtAuthentication.newBuilder().setBypassCorsPreflight(from.bypassCorsPreflight());
    for (HttpFilter.Provider provider : from.providers()) {
      if (to.containsProviders(provider.name())) {
        throw new EncodingException("two JWT providers are called " + provider.name());
      }
      to.putProviders(provider.name(), provider(provider));
    }
    return to.addRules(
            RequirementRule.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setRequires(requirement(from)))
        .build();
  }

  private static JwtRequirement requirement(HttpFilter.JwtAuthentication from) {
    if (from.providers().size() == 1) {
      return validOrMissing(from.providers().getFirst());
    }
    JwtRequirementOrList.Builder any = JwtRequirementOrList.newBuilder();
    JwtRequirementAndList.Builder all = JwtRequirementAndList.newBuilder();
    for (HttpFilter.Provider provider : from.providers()) {
      any.addRequirements(valid(provider));
      all.addRequirements(validOrMissing(provider));
    }
    any.addRequirements(JwtRequirement.newBuilder().setRequiresAll(all));
    return JwtRequirement.newBuilder().setRequiresAny(any).build();
  }

  private static JwtRequirement valid(HttpFilter.Provider provider) {
    return JwtRequirement.newBuilder().setProviderName(provider.name()).build();
  }

  private static JwtRequirement validOrMissing(HttpFilter.Provider provider) {
    return JwtRequirement.newBuilder()
        .setRequiresAny(
            JwtRequirementOrList.newBuilder()
                .addRequirements(valid(provider))
                .addRequirements(MISSING))
        .build();
  }

  private static JwtProvider provider(HttpFilter.Provider from) {
    JwtProvider.Builder to =
        JwtProvider.newBuilder()
            .setIssuer(from.issuer())
            .addAllAudiences(from.audiences())
            .setLocalJwks(Values.text(from.jwks()))
            .addAllFromParams(from.fromParams())
            .addAllFromCookies(from.fromCookies())
            .setForward(from.forward())
            .setPayloadInMetadata(EnvoyNames.JWT_PAYLOAD)
            .setNormalizePayloadInMetadata(
                JwtProvider.NormalizePayload.newBuilder()
                    .addSpaceDelimitedClaims("scope")
                    .addSpaceDelimitedClaims("permission")
                    .addAllSpaceDelimitedClaims(from.spaceDelimitedClaims()))
            .setClockSkewSeconds(wholeSeconds(from.clockSkew()));
    for (HttpFilter.HeaderLocation header : from.fromHeaders()) {
      to.addFromHeaders(
          JwtHeader.newBuilder().setName(header.name()).setValuePrefix(header.prefix()));
    }
    from.payloadHeader().ifPresent(to::setForwardPayloadHeader);
    from.claimHeaders()
        .forEach(
            (header, claim) ->
                to.addClaimToHeaders(
                    JwtClaimToHeader.newBuilder().setHeaderName(header).setClaimName(claim)));
    return to.build();
  }

  private static int wholeSeconds(Duration skew) {
    if (skew.getNano() != 0 || skew.getSeconds() < 1 || skew.getSeconds() > Integer.MAX_VALUE) {
      throw new EncodingException("Envoy's clock skew is in whole seconds from 1, not " + skew);
    }
    return (int) skew.getSeconds();
  }
}
