package io.selvage.proxy.tls;

import io.selvage.policy.StringMatch;
import java.util.Locale;

/** String tests on names in certificates. */
final class Names {
  private Names() {}

  static boolean matches(StringMatch match, String text) {
    return switch (match) {
      case StringMatch.Any _ -> true;
      case StringMatch.NonEmpty _ -> !text.isEmpty();
      case StringMatch.Exact(String value, boolean fold) ->
          fold(text, fold).equals(fold(value, fold));
      case StringMatch.Prefix(String value, boolean fold) ->
          fold(text, fold).startsWith(fold(value, fold));
      case StringMatch.Suffix(String value, boolean fold) ->
          fold(text, fold).endsWith(fold(value, fold));
      case StringMatch.Contains(String value, boolean fold) ->
          fold(text, fold).contains(fold(value, fold));
      case StringMatch.Regex(var pattern) -> pattern.matches(text);
    };
  }

  /** DNS names ignore case, and a certificate may have {@code *.} for one label (RFC 6125 6.4). */
  static boolean dns(StringMatch match, String presented) {
    if (match instanceof StringMatch.Exact(String value, boolean _)) {
      String wanted = value.toLowerCase(Locale.ROOT);
      String name = presented.toLowerCase(Locale.ROOT);
      int dot = wanted.indexOf('.');
      return wanted.equals(name)
          || (name.startsWith("*.") && dot > 0 && wanted.substring(dot).equals(name.substring(1)));
    }
    return matches(match, presented);
  }

  private static String fold(String text, boolean fold) {
    return fold ? text.toLowerCase(Locale.ROOT) : text;
  }
}
