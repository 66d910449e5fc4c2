package io.selvage.proxy.jwt;

import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.HttpFilter.HeaderLocation;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where one provider's tokens are looked for: "By default, tokens are looked for in the
 * Authorization header with the Bearer prefix and in the query parameter access_token"; a location
 * that is configured switches the defaults off.
 */
final class TokenLocations {
  private static final String DEFAULT_PARAMETER = "access_token";

  private final List<HeaderLocation> headers;
  private final List<String> parameters;
  private final List<String> cookies;

  private TokenLocations(
      List<HeaderLocation> headers, List<String> parameters, List<String> cookies) {
    this.headers = headers;
    this.parameters = parameters;
    this.cookies = cookies;
  }

  static TokenLocations of(HttpFilter.Provider provider) {
    boolean defaults =
        provider.fromHeaders().isEmpty()
            && provider.fromParams().isEmpty()
            && provider.fromCookies().isEmpty();
    if (defaults) {
      return new TokenLocations(
          List.of(new HeaderLocation("authorization", "Bearer ")),
          List.of(DEFAULT_PARAMETER),
          List.of());
    }
    return new TokenLocations(
        provider.fromHeaders().stream()
            .map(at -> new HeaderLocation(at.name().toLowerCase(Locale.ROOT), at.prefix()))
            .toList(),
        List.copyOf(provider.fromParams()),
        List.copyOf(provider.fromCookies()));
  }

  /** All tokens, by location: a location that has several values gives a list of several. */
  List<List<String>> find(JwtRequest request) {
    List<List<String>> found = new ArrayList<>(1);
    for (HeaderLocation location : headers) {
      add(found, inHeader(request, location));
    }
    if (!parameters.isEmpty() && request.query().length() > 1) {
      for (String parameter : parameters) {
        add(found, inQuery(request.query(), parameter));
      }
    }
    for (String cookie : cookies) {
      add(found, inCookies(request, cookie));
    }
    return found;
  }

  private static void add(List<List<String>> found, List<String> tokens) {
    if (!tokens.isEmpty()) {
      found.add(tokens);
    }
  }

  private static List<String> inHeader(JwtRequest request, HeaderLocation location) {
    List<String> tokens = new ArrayList<>(1);
    String value;
    for (int i = 0; (value = request.header(location.name(), i)) != null; i++) {
      int prefix = value.indexOf(location.prefix());
      if (prefix >= 0 && !value.isEmpty()) {
        tokens.add(token(value, prefix + location.prefix().length()));
      }
    }
    return tokens;
  }

  /**
   * All that stands behind the prefix, also where something follows that no token has: the
   * application sees it, too, so it must not hold by its beginning.
   */
  private static String token(String value, int from) {
    int start = from;
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    return value.substring(start);
  }

  private static List<String> inQuery(String query, String parameter) {
    List<String> tokens = new ArrayList<>(1);
    for (String pair : query.substring(1).split("&", -1)) {
      if (isNamed(pair, parameter)) {
        int equals = pair.indexOf('=');
        tokens.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return tokens;
  }

  private static boolean isNamed(String pair, String parameter) {
    int equals = pair.indexOf('=');
    return decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(parameter);
  }

  /** What isn't well encoded stays as it is. */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static List<String> inCookies(JwtRequest request, String cookie) {
    List<String> tokens = new ArrayList<>(1);
    String value;
    for (int i = 0; (value = request.header("cookie", i)) != null; i++) {
      for (String pair : value.split(";", -1)) {
        String token = cookieValue(pair, cookie);
        if (token != null) {
          tokens.add(token);
        }
      }
    }
    return tokens;
  }

  private static @Nullable String cookieValue(String pair, String cookie) {
    int equals = pair.indexOf('=');
    return equals > 0 && pair.substring(0, equals).strip().equals(cookie)
        ? pair.substring(equals + 1).strip()
        : null;
  }

  /** Takes the tokens out of the request, the ones that were not looked at too. */
  void remove(JwtRequest request) {
    for (HeaderLocation location : headers) {
      if (!inHeader(request, location).isEmpty()) {
        request.removeHeader(location.name());
      }
    }
    for (String parameter : parameters) {
      removeParameter(request, parameter);
    }
    for (String cookie : cookies) {
      removeCookie(request, cookie);
    }
  }

  private static void removeParameter(JwtRequest request, String parameter) {
    String query = request.query();
    if (query.length() > 1 && !inQuery(query, parameter).isEmpty()) {
      List<String> kept = new ArrayList<>(List.of(query.substring(1).split("&", -1)));
      kept.removeIf(pair -> isNamed(pair, parameter));
      request.setQuery(kept.isEmpty() ? "" : "?" + String.join("&", kept));
    }
  }

  private static void removeCookie(JwtRequest request, String cookie) {
    if (inCookies(request, cookie).isEmpty()) {
      return;
    }
    List<String> kept = new ArrayList<>();
    String value;
    for (int i = 0; (value = request.header("cookie", i)) != null; i++) {
      for (String pair : value.split(";", -1)) {
        if (cookieValue(pair, cookie) == null) {
          kept.add(pair.strip());
        }
      }
    }
    request.removeHeader("cookie");
    if (!kept.isEmpty()) {
      request.addHeader("cookie", String.join("; ", kept));
    }
  }
}
