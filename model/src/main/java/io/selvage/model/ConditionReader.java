package io.selvage.model;

import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a policy's {@code when} entries and knows the keys that exist. */
final class ConditionReader {

  private static final List<String> PLAIN_KEYS =
      List.of(
          "source.ip",
          "source.namespace",
          "source.serviceAccount",
          "source.principal",
          "source.trustDomain",
          "remote.ip",
          "request.auth.principal",
          "request.auth.audiences",
          "request.auth.presenter",
          "destination.ip",
          "destination.port",
          "connection.sni");

  private static final List<String> BRACKET_KEYS =
      List.of("request.headers", "request.auth.claims", "experimental.envoy.filters.");

  private static final Set<String> NOT_IN_CUSTOM =
      Set.of("source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal");

  private static final Set<String> TOLD = Set.of(":authority", ":method", ":path");

  private static final Map<String, String> REPLACED =
      Map.of(
          "destination.namespace", "use the policy's own metadata.namespace",
          "destination.labels", "use spec.selector",
          "destination.name", "Istio removed it with v1alpha1; use spec.selector",
          "destination.user", "Istio removed it with v1alpha1; use spec.selector");

  private ConditionReader() {}

  static Condition read(Fields fields, Action action) {
    String key = fields.required("key");
    if (!key.isEmpty()) {
      checkKey(fields, key, action);
    }
    Condition condition =
        new Condition(
            key,
            PolicyValues.conditionValues(fields, "values", key),
            PolicyValues.conditionValues(fields, "notValues", key),
            fields.at());
    fields.finish();
    if (isUnset(fields, "values") && isUnset(fields, "notValues")) {
      fields.refuse("key", "%s needs values or notValues".formatted(key));
    }
    return condition;
  }

  private static boolean isUnset(Fields fields, String name) {
    return !fields.has(name) || fields.isEmptyList(name);
  }

  private static void checkKey(Fields fields, String key, Action action) {
    int bracket = key.indexOf('[');
    String name = bracket < 0 ? key : key.substring(0, bracket);
    boolean takesBrackets =
        name.equals("request.headers")
            || name.equals("request.auth.claims")
            || name.startsWith("experimental.envoy.filters.");
    String replacement = REPLACED.get(name);
    if (replacement != null) {
      bad(fields, "\"%s\" is no condition: %s".formatted(key, replacement));
    } else if (takesBrackets) {
      if (bracket < 0 || !key.endsWith("]") || key.length() < bracket + 3) {
        bad(fields, "\"%s\" needs a name in brackets: %s[name]".formatted(key, name));
      }
    } else if (!PLAIN_KEYS.contains(key)) {
      unknown(fields, key, name);
    }
    if (name.equals("request.headers") && isUntold(key)) {
      fields.warning(
          ProblemCodes.POLICY_SURPRISE,
          "key",
          "%s is not told to Selvage's proxy; such a condition always holds where a match denies, and never where it allows"
              .formatted(key));
    }
    if (action == Action.CUSTOM
        && (NOT_IN_CUSTOM.contains(key) || key.startsWith("request.auth."))) {
      fields.refuse("key", "%s cannot be used in a CUSTOM policy".formatted(key));
    }
  }

  /** A pseudo header that a policy can look at by no name. */
  private static boolean isUntold(String key) {
    return key.startsWith("request.headers[:")
        && !TOLD.contains(key.substring("request.headers[".length(), key.length() - 1));
  }

  private static void unknown(Fields fields, String key, String name) {
    boolean bracketed = key.length() > name.length();
    String rest = key.substring(name.length());
    fields
        .reading()
        .add(
            Problem.error(
                    ProblemCodes.CONDITION_KEY,
                    fields.at("key"),
                    fields.pathOf("key"),
                    "there is no condition \"%s\"".formatted(key))
                .suggesting(
                    Spelling.nearest(name, bracketed ? BRACKET_KEYS : PLAIN_KEYS)
                        .map(word -> word + rest)));
  }

  private static void bad(Fields fields, String message) {
    fields.error(ProblemCodes.CONDITION_KEY, "key", message);
  }
}
