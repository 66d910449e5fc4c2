package io.selvage.doctor.bundle;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last look at a bundle before it is written: whatever is a private key or a token, wherever it
 * stands and also in base64, does not go out. Collectors redact by what a thing is; this goes by
 * what it looks like, so that a mistake of theirs is not a leak.
 */
final class SecretGuard {
  static final String REDACTED = "[redacted]";

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)");
  private static final Pattern JWT =
      Pattern.compile("eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*");
  private static final Pattern BEARER =
      Pattern.compile("(?i)(authorization\\s*[:=]\\s*\"?(bearer|basic)\\s+)[^\\s\"\\[]+");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/\\s]{40,}={0,2}\\s*");

  /** In the text of a Secret's value: credentials of a kubeconfig and the like. */
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "(?im)[\"']?\\b(token|password|client-key-data|client-key|id-token|refresh-token)[\"']?\\s*:"
              + "\\s*[\"']?(?!\\[redacted]|[\"'{]|\\s|true\\b|false\\b|null\\b)\\S+");

  private static final Pattern CERTIFICATES =
      Pattern.compile(
          "(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*)+");

  /** Fields whose value is a secret whatever it looks like. */
  private static final Set<String> SECRET_FIELDS = Set.of("private_key", "privateKey");

  private SecretGuard() {}

  /** Takes out of {@code json} what must not go out; it is changed itself. */
  static void clean(JsonNode json) {
    switch (json) {
      case ObjectNode object -> {
        if (object.path("kind").asString("").equals("Secret")) {
          secret(object);
        }
        for (String name : List.copyOf(object.propertyNames())) {
          JsonNode value = object.path(name);
          if (SECRET_FIELDS.contains(name) && !value.isObject()) {
            object.put(name, REDACTED);
          } else if (SECRET_FIELDS.contains(name)) {
            hide((ObjectNode) value);
          } else if (value.isString()) {
            object.put(name, text(value.asString()));
          } else {
            clean(value);
          }
        }
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          if (array.get(i).isString()) {
            array.set(i, array.stringNode(text(array.get(i).asString())));
          } else {
            clean(array.get(i));
          }
        }
      }
      default -> {
        // a number or a truth value is no secret
      }
    }
  }

  /** Envoy's form of a key: bytes or text in the file, or where the file is. */
  private static void hide(ObjectNode key) {
    for (String name : List.copyOf(key.propertyNames())) {
      String value = key.path(name).asString("");
      if (name.startsWith("inline") && !decoded(value).equals(REDACTED)) {
        key.put(name, REDACTED);
      }
    }
  }

  /** Of a Secret, only certificates and what has no credentials in it. */
  private static void secret(ObjectNode object) {
    object.remove("stringData");
    if (object.path("data") instanceof ObjectNode data) {
      for (String name : List.copyOf(data.propertyNames())) {
        String value = data.path(name).asString("");
        String decoded = decoded(value);
        boolean fine =
            value.equals(REDACTED)
                || CERTIFICATES.matcher(decoded).matches()
                || (isText(decoded) && !CREDENTIAL.matcher(decoded).find());
        if (!fine) {
          data.put(name, REDACTED);
        }
      }
    }
  }

  private static boolean isText(String text) {
    return text.chars().allMatch(c -> c >= ' ' || c == '\n' || c == '\r' || c == '\t')
        && text.indexOf('\ufffd') < 0;
  }

  /** {@code text} without keys and tokens. */
  static String text(String text) {
    String plain = KEY.matcher(text).replaceAll(REDACTED);
    plain = JWT.matcher(plain).replaceAll(REDACTED);
    plain = BEARER.matcher(plain).replaceAll("$1" + Matcher.quoteReplacement(REDACTED));
    if (BASE64.matcher(plain).matches()) {
      String decoded = decoded(plain);
      if (KEY.matcher(decoded).find() || JWT.matcher(decoded).find()) {
        return REDACTED;
      }
    }
    return plain;
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return "\ufffd";
    }
  }
}
