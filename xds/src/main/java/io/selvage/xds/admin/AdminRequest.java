package io.selvage.xds.admin;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator asks for.
 *
 * @param rest of the path below the page's, without the slash between them; decoded
 * @param parameters of the query; a name without a value has the empty one
 * @param accept the form that is wanted
 */
public record AdminRequest(String rest, Map<String, String> parameters, Optional<String> accept) {
  public AdminRequest {
    parameters = Map.copyOf(parameters);
  }

  static AdminRequest of(HttpExchange exchange, String path) {
    String rest = exchange.getRequestURI().getPath().substring(path.length());
    return new AdminRequest(
        rest.startsWith("/") ? rest.substring(1) : rest,
        parameters(exchange.getRequestURI().getRawQuery()),
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept")));
  }

  /**
   * Reads a query.
   *
   * @param query without the question mark; null: none
   */
  public static Map<String, String> parameters(@org.jspecify.annotations.Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.put(decoded(name), decoded(value));
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /**
   * Says no to a question that is only understood in part.
   *
   * @throws IllegalArgumentException naming a parameter that is not among {@code known}
   */
  public void onlyKnows(Set<String> known) {
    parameters.keySet().stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "the parameter " + name + " is not known here; there are " + known);
            });
  }

  /** Whether a switch such as {@code include_eds} is there and not {@code false}. */
  public boolean has(String name) {
    String value = parameters.get(name);
    return value != null && !value.equals("false");
  }

  /** The value of a parameter. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }
}
