package io.selvage.xds.parse;

import com.google.protobuf.Empty;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.HttpFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * JWT authentication in the one shape that istiod gives it: on every path, each provider's token
 * valid or missing. Any other requirement is refused: reading it as that one could let a request
 * through that must have a token.
 */
final class JwtParser {
  private static final int SKEW_SECONDS = 60;
  private static final RouteMatch EVERY_PATH = RouteMatch.newBuilder().setPrefix("/").build();
  private static final Set<String> ALWAYS_SPLIT = Set.of("scope", "permission");

  private JwtParser() {}

  static HttpFilter.JwtAuthentication parse(JwtAuthentication from, At at) {
    if (from.getRulesCount() != 1 || !from.getRules(0).getMatch().equals(EVERY_PATH)) {
      at.field("rules").refuse("must be one rule with prefix /");
      return new HttpFilter.JwtAuthentication(List.of(), from.getBypassCorsPreflight());
    }
    JwtRequirement requires = from.getRules(0).getRequires();
    List<String> order = order(requires);
    if (order.isEmpty()
        || !requires.equals(expected(order))
        || !Set.copyOf(order).equals(from.getProvidersMap().keySet())) {
      at.item("rules", 0)
          .field("requires")
          .refuse("must let each provider's token be valid or missing, and no other");
      return new HttpFilter.JwtAuthentication(List.of(), from.getBypassCorsPreflight());
    }
    List<HttpFilter.Provider> providers = new ArrayList<>();
    for (String name : order) {
      providers.add(provider(name, from.getProvidersOrThrow(name), at.entry("providers", name)));
    }
    return new HttpFilter.JwtAuthentication(List.copyOf(providers), from.getBypassCorsPreflight());
  }

  /** The providers in the order in which the requirement names them. */
  private static List<String> order(JwtRequirement requires) {
    return requires.getRequiresAny().getRequirementsList().stream()
        .map(JwtRequirement::getProviderName)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  private static JwtRequirement expected(List<String> providers) {
    if (providers.size() == 1) {
      return validOrMissing(providers.getFirst());
    }
    JwtRequirementOrList.Builder any = JwtRequirementOrList.newBuilder();
    JwtRequirementAndList.Builder all = JwtRequirementAndList.newBuilder();
    for (String provider : providers) {
      any.addRequirements(valid(provider));
      all.addRequirements(validOrMissing(provider));
    }
    any.addRequirements(JwtRequirement.newBuilder().setRequiresAll(all));
    return JwtRequirement.newBuilder().setRequiresAny(any).build();
  }

  private static JwtRequirement valid(String provider) {
    return JwtRequirement.newBuilder().setProviderName(provider).build();
  }

  private static JwtRequirement validOrMissing(String provider) {
    JwtRequirementOrList.Builder any =
        JwtRequirementOrList.newBuilder()
            .addRequirements(valid(provider))
            .addRequirements(
                JwtRequirement.newBuilder().setAllowMissing(Empty.getDefaultInstance()));
    return JwtRequirement.newBuilder().setRequiresAny(any).build();
  }

  private static HttpFilter.Provider provider(String name, JwtProvider from, At at) {
    if (!from.getPayloadInMetadata().equals(EnvoyNames.JWT_PAYLOAD)) {
      at.field("payload_in_metadata").refuse("must be \"payload\", where policies look for claims");
    }
    return new HttpFilter.Provider(
        name,
        from.getIssuer(),
        List.copyOf(from.getAudiencesList()),
        Values.text(from.getLocalJwks(), at.field("local_jwks")),
        from.getFromHeadersList().stream()
            .map(header -> new HttpFilter.HeaderLocation(header.getName(), header.getValuePrefix()))
            .toList(),
        List.copyOf(from.getFromParamsList()),
        List.copyOf(from.getFromCookiesList()),
        from.getForward(),
        optional(from.getForwardPayloadHeader()),
        claimHeaders(from, at),
        split(from, at.field("normalize_payload_in_metadata")),
        skew(from, at));
  }

  private static Duration skew(JwtProvider from, At at) {
    if (from.getClockSkewSeconds() < 0) {
      at.field("clock_skew_seconds").refuse("is more than an int holds");
    }
    return Duration.ofSeconds(
        from.getClockSkewSeconds() == 0 ? SKEW_SECONDS : from.getClockSkewSeconds());
  }

  private static Map<String, String> claimHeaders(JwtProvider from, At at) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (var claim : from.getClaimToHeadersList()) {
      if (headers.put(claim.getHeaderName(), claim.getClaimName()) != null) {
        at.field("claim_to_headers").refuse("sets a header twice: " + claim.getHeaderName());
      }
    }
    return java.util.Collections.unmodifiableMap(headers);
  }

  private static List<String> split(JwtProvider from, At at) {
    List<String> claims = from.getNormalizePayloadInMetadata().getSpaceDelimitedClaimsList();
    if (!claims.containsAll(ALWAYS_SPLIT)) {
      at.refuse("must split scope and permission at spaces");
    }
    return claims.stream().filter(claim -> !ALWAYS_SPLIT.contains(claim)).toList();
  }

  private static Optional<String> optional(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
