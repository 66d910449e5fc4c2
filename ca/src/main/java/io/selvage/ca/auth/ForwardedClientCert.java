package io.selvage.ca.auth;

import java.util.ArrayList;
import java.util.List;

/**
 * One element of an {@code x-forwarded-client-cert} header, as Envoy writes it: {@code key=value}
 * pairs joined by semicolons, values quoted when they hold a separator.
 *
 * @param uris the values of its {@code URI} pairs
 */
record ForwardedClientCert(List<String> uris) {
  private static final int MAX_LENGTH = 32 * 1024;

  ForwardedClientCert {
    uris = List.copyOf(uris);
  }

  /**
   * The newest element, which is the last.
   *
   * @throws IllegalArgumentException for a header that is too long or whose quotes do not close
   */
  static ForwardedClientCert lastElement(String header) {
    if (header.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("longer than " + MAX_LENGTH + " characters");
    }
    List<String> uris = new ArrayList<>();
    for (String pair : split(split(header, ',').getLast(), ';')) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("URI")) {
        uris.add(unquoted(pair.substring(equals + 1).strip()));
      }
    }
    return new ForwardedClientCert(uris);
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == separator) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("a quote that does not close");
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1).replace("\\\"", "\"") : value;
  }
}
