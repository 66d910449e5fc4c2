package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Takes out of an object what nobody else may read, before anything of ours keeps it: private keys,
 * tokens, passwords. Of a Secret, certificates stay, and of a kubeconfig in one what {@link
 * SafeKubeconfig} tells.
 */
final class Redaction {
  /** What stands in the place of a secret. */
  static final String REDACTED = "[redacted]";

  private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final Pattern CERTIFICATES =
      Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*");
  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)");
  private static final Pattern TOKEN =
      Pattern.compile("\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*");
  private static final Pattern SECRET_NAME =
      Pattern.compile("(?i).*(password|passwd|secret|token|api_?key|private_?key|credential).*");

  private Redaction() {}

  /** The object without its secrets; it is changed itself. */
  static ObjectNode of(Kind kind, ObjectNode object) {
    if (object.at("/metadata/annotations") instanceof ObjectNode annotations
        && kind == Kind.SECRET) {
      annotations.remove(APPLIED);
    }
    switch (kind) {
      case SECRET -> secret(object);
      case CONFIG_MAP -> texts(object.path("data"));
      case POD -> environment(object.at("/spec"));
      case DEPLOYMENT, STATEFUL_SET, DAEMON_SET, REPLICA_SET ->
          environment(object.at("/spec/template/spec"));
      default -> {
        // nothing in it is secret by its kind
      }
    }
    return object;
  }

  private static void secret(ObjectNode object) {
    if (object.path("data") instanceof ObjectNode data) {
      for (String key : List.copyOf(data.propertyNames())) {
        data.put(key, value(data.path(key).asString("")));
      }
    }
    object.remove("stringData");
  }

  private static String value(String encoded) {
    String text;
    try {
      text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return REDACTED;
    }
    if (text.isBlank()) {
      return encoded;
    }
    String kept =
        CERTIFICATES.matcher(text).replaceAll("").isBlank()
            ? text
            : SafeKubeconfig.of(text).orElse(REDACTED);
    return kept.equals(REDACTED)
        ? REDACTED
        : Base64.getEncoder().encodeToString(kept.getBytes(StandardCharsets.UTF_8));
  }

  private static void texts(JsonNode data) {
    if (data instanceof ObjectNode texts) {
      for (Map.Entry<String, JsonNode> each : List.copyOf(texts.properties())) {
        texts.put(each.getKey(), text(each.getValue().asString("")));
      }
    }
  }

  /** A free text, such as a line of a log, without keys and tokens. */
  static String text(String text) {
    String withoutKeys =
        text.contains("PRIVATE KEY-----") ? PRIVATE_KEY.matcher(text).replaceAll(REDACTED) : text;
    return withoutKeys.contains("eyJ")
        ? TOKEN.matcher(withoutKeys).replaceAll(REDACTED)
        : withoutKeys;
  }

  private static void environment(JsonNode spec) {
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      for (JsonNode container : spec.path(list)) {
        for (JsonNode variable : container.path("env")) {
          if (variable instanceof ObjectNode one
              && one.path("value") instanceof StringNode value
              && !value.asString().isEmpty()) {
            String name = one.path("name").asString("");
            one.put(
                "value", SECRET_NAME.matcher(name).matches() ? REDACTED : text(value.asString()));
          }
        }
      }
    }
  }
}
