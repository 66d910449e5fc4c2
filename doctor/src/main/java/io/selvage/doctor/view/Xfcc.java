package io.selvage.doctor.view;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One element of a header {@code x-forwarded-client-cert}, as Envoy documents it: pairs {@code
 * Key=Value} between {@code ;}, elements between {@code ,}; a value with one of these is quoted,
 * with {@code \"} for a quote. Keys in any case.
 *
 * @param pairs in the order written; keys in lower case, a repeated key's values joined by {@code
 *     ,}
 */
public record Xfcc(Map<String, String> pairs) {
  /** All elements, the newest hop last; empty when the text is none. */
  public static List<Xfcc> parse(String header) {
    List<Xfcc> elements = new ArrayList<>();
    for (String element : split(header, ',')) {
      Map<String, String> pairs = new LinkedHashMap<>();
      for (String pair : split(element, ';')) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          pairs.merge(
              pair.substring(0, equals).strip().toLowerCase(Locale.ROOT),
              unquoted(pair.substring(equals + 1).strip()),
              (one, other) -> one + "," + other);
        }
      }
      if (!pairs.isEmpty()) {
        elements.add(new Xfcc(pairs));
      }
    }
    return List.copyOf(elements);
  }

  /** Who was called: a SPIFFE URI. */
  public Optional<String> by() {
    return value("by");
  }

  /** SHA-256 of the caller's certificate, hexadecimal, lower case. */
  public Optional<String> hash() {
    return value("hash").map(hash -> hash.toLowerCase(Locale.ROOT));
  }

  /** Who called: a SPIFFE URI. */
  public Optional<String> uri() {
    return value("uri");
  }

  public Optional<String> subject() {
    return value("subject");
  }

  private Optional<String> value(String key) {
    return Optional.ofNullable(pairs.get(key)).filter(value -> !value.isEmpty());
  }

  private static List<String> split(String text, char at) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\' && i + 1 < text.length()) {
        part.append(c).append(text.charAt(++i));
        continue;
      }
      quoted ^= c == '"';
      if (c == at && !quoted) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\")
        : value;
  }
}
