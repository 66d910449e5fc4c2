package io.selvage.it.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The outcome that is right.
 *
 * @param status of the HTTP answer; 200 means that the application answered
 * @param body the exact text of an answer that the proxy gives
 * @param connection in place of a status
 * @param sees what the application got; only what is named is compared
 */
record Expectation(
    Optional<Integer> status,
    Optional<String> body,
    Optional<Outcome.Connection> connection,
    Optional<Sees> sees) {

  /**
   * Of a request as the application got it.
   *
   * @param path the whole target, with its query
   * @param headers by lower-case name; repeated ones joined with a comma, in order
   * @param matches headers whose value a regular expression must match as a whole
   * @param without names of headers that must not have come
   */
  record Sees(
      Optional<String> method,
      Optional<String> path,
      Optional<String> host,
      Map<String, String> headers,
      Map<String, String> matches,
      List<String> without) {
    Sees {
      headers = headers == null ? Map.of() : Map.copyOf(headers);
      matches = matches == null ? Map.of() : Map.copyOf(matches);
      without = without == null ? List.of() : List.copyOf(without);
    }
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    status.ifPresent(value -> text.append(value));
    connection.ifPresent(value -> text.append(value));
    body.ifPresent(value -> text.append(" \"").append(value).append('"'));
    sees.ifPresent(value -> text.append(", seen: ").append(value));
    return text.toString();
  }
}
