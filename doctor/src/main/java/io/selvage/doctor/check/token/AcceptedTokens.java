package io.selvage.doctor.check.token;

import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.mesh.ControlPlane;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Which tokens a control plane takes, by its environment: istiod has the API server review those
 * for {@code TOKEN_AUDIENCES}, and beside them checks those of {@code JWT_RULE} itself; old ones
 * know {@code TOKEN_ISSUER} and {@code AUDIENCE}.
 *
 * @param issuers that it checks itself; none: the API server decides
 * @param audiences one or more
 */
record AcceptedTokens(Set<String> issuers, Set<String> audiences) {
  /** What istiod's and Selvage's CA expect when nobody says otherwise. */
  static final String ISTIO_CA = "istio-ca";

  static AcceptedTokens of(ControlPlane plane) {
    Set<String> issuers = new LinkedHashSet<>();
    Set<String> audiences = new LinkedHashSet<>();
    if (plane.flavour().kind() == Flavour.Kind.SELVAGE) {
      return new AcceptedTokens(Set.of(), Set.of(ISTIO_CA));
    }
    plane.environment("TOKEN_ISSUER").ifPresent(issuers::add);
    plane.environment("AUDIENCE").ifPresent(audiences::add);
    audiences.addAll(
        plane
            .environment("TOKEN_AUDIENCES")
            .map(text -> Arrays.stream(text.split(",", -1)).map(String::trim).toList())
            .orElse(List.of(ISTIO_CA)));
    plane
        .environment("JWT_RULE")
        .flatMap(AcceptedTokens::json)
        .ifPresent(
            rule -> {
              if (rule.has("issuer")) {
                issuers.add(rule.path("issuer").asString(""));
              }
              rule.path("audiences").valueStream().forEach(one -> audiences.add(one.asString("")));
            });
    return new AcceptedTokens(issuers, audiences);
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(new ObjectMapper().readTree(text));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
