package io.selvage.doctor.kubernetes;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import java.text.ParseException;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What may be shown of a kubeconfig that stands in a Secret: a kubeconfig, as JSON, with the same
 * clusters and contexts, and of each user only what it has. A token that is a JWT is told by its
 * claims {@code iss}, {@code aud}, {@code sub} and {@code exp}, under {@code tokenClaims}.
 */
final class SafeKubeconfig {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final LoadSettings YAML =
      LoadSettings.builder().setAllowDuplicateKeys(false).setMaxAliasesForCollections(10).build();

  /** Of a user, what says how it is known without being what it is known by. */
  private static final List<String> SECRET =
      List.of("token", "password", "client-key-data", "client-certificate-data");

  private SafeKubeconfig() {}

  /** Empty when a text is none. */
  static Optional<String> of(String text) {
    try {
      if (new Load(YAML).loadFromString(text) instanceof Map<?, ?> config
          && "Config".equals(config.get("kind"))) {
        return Optional.of(JSON.writeValueAsString(shown(config)));
      }
      return Optional.empty();
    } catch (YamlEngineException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Object> shown(Map<?, ?> config) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("apiVersion", "v1");
    shown.put("kind", "Config");
    for (String part : List.of("current-context", "clusters", "contexts")) {
      Object value = config.get(part);
      if (value != null) {
        shown.put(part, value);
      }
    }
    if (config.get("users") instanceof List<?> users) {
      shown.put("users", users.stream().map(SafeKubeconfig::user).toList());
    }
    return shown;
  }

  private static Map<String, Object> user(Object entry) {
    Map<String, Object> shown = new LinkedHashMap<>();
    if (entry instanceof Map<?, ?> named) {
      shown.put("name", String.valueOf(named.get("name")));
      Map<String, Object> user = new LinkedHashMap<>();
      if (named.get("user") instanceof Map<?, ?> given) {
        given.forEach(
            (key, _) ->
                user.put(
                    String.valueOf(key),
                    SECRET.contains(String.valueOf(key)) ? Redaction.REDACTED : "[not shown]"));
        if (given.get("token") instanceof String token) {
          claims(token).ifPresent(found -> user.put("tokenClaims", found));
        }
      }
      shown.put("user", user);
    }
    return shown;
  }

  private static Optional<Map<String, Object>> claims(String token) {
    try {
      JWTClaimsSet set = JWTParser.parse(token).getJWTClaimsSet();
      Map<String, Object> claims = new LinkedHashMap<>();
      put(claims, "iss", set.getIssuer());
      put(claims, "sub", set.getSubject());
      if (!set.getAudience().isEmpty()) {
        claims.put("aud", set.getAudience());
      }
      Date expires = set.getExpirationTime();
      if (expires != null) {
        claims.put("exp", expires.toInstant().getEpochSecond());
      }
      return Optional.of(claims);
    } catch (ParseException e) {
      return Optional.empty(); // no JWT
    }
  }

  private static void put(
      Map<String, Object> claims, String name, @org.jspecify.annotations.Nullable Object value) {
    if (value != null) {
      claims.put(name, value);
    }
  }
}
