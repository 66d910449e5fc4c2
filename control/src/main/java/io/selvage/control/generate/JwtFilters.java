package io.selvage.control.generate;

import io.selvage.model.RequestAuthentication;
import io.selvage.model.RequestAuthentication.JwtRule;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.HttpFilter.HeaderLocation;
import io.selvage.xds.resource.HttpFilter.JwtAuthentication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The token check of a workload: the rules of all RequestAuthentications that select it, merged.
 */
final class JwtFilters {
  /** What Envoy allows on {@code exp} and {@code nbf} unless told otherwise. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  private JwtFilters() {}

  static Optional<JwtAuthentication> of(List<RequestAuthentication> selected, TokenKeys keys) {
    List<JwtRule> rules =
        selected.stream()
            .flatMap(policy -> policy.jwtRules().stream())
            .sorted(Comparator.comparing(JwtRule::issuer))
            .toList();
    if (rules.isEmpty()) {
      return Optional.empty();
    }
    List<HttpFilter.Provider> providers = new ArrayList<>();
    for (JwtRule rule : rules) {
      providers.add(provider("origins-" + providers.size(), rule, keys.keysFor(rule)));
    }
    return Optional.of(new JwtAuthentication(List.copyOf(providers), true));
  }

  private static HttpFilter.Provider provider(String name, JwtRule rule, String keys) {
    boolean anyLocation =
        !rule.fromHeaders().isEmpty()
            || !rule.fromParams().isEmpty()
            || !rule.fromCookies().isEmpty();
    List<HeaderLocation> headers =
        rule.fromHeaders().stream()
            .map(header -> new HeaderLocation(header.name(), header.prefix()))
            .toList();
    return new HttpFilter.Provider(
        name,
        rule.issuer(),
        rule.audiences(),
        keys,
        anyLocation ? headers : List.of(new HeaderLocation("Authorization", "Bearer ")),
        anyLocation ? rule.fromParams() : List.of("access_token"),
        rule.fromCookies(),
        rule.forwardOriginalToken(),
        rule.outputPayloadToHeader(),
        claimHeaders(rule),
        rule.spaceDelimitedClaims(),
        CLOCK_SKEW);
  }

  private static Map<String, String> claimHeaders(JwtRule rule) {
    Map<String, String> headers = new LinkedHashMap<>();
    rule.outputClaimToHeaders().forEach(entry -> headers.put(entry.header(), entry.claim()));
    return headers;
  }
}
