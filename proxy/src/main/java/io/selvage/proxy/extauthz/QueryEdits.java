package io.selvage.proxy.extauthz;

import io.selvage.proxy.http1.HeadBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes of a request's query; names and values are compared and written in their encoded form.
 *
 * @param set parameters that take the place of all of their name
 * @param remove names
 */
public record QueryEdits(List<Parameter> set, List<String> remove) {
  /** No change. */
  public static final QueryEdits NONE = new QueryEdits(List.of(), List.of());

  private static final String QUERY_MARKS = "-._~%+!$'()*,;:@/?";

  /** A query parameter, URL-encoded. */
  public record Parameter(String name, String value) {}

  /**
   * These changes.
   *
   * @throws UnusableAnswer if something is not URL-encoded
   */
  static QueryEdits of(List<Parameter> set, List<String> remove) throws UnusableAnswer {
    for (Parameter parameter : set) {
      if (!isEncoded(parameter.name()) || !isEncoded(parameter.value())) {
        throw new UnusableAnswer("the authorizer sets a query parameter that is not URL-encoded");
      }
    }
    return new QueryEdits(List.copyOf(set), List.copyOf(remove));
  }

  private static boolean isEncoded(String text) {
    return text.chars().allMatch(c -> isAlphanumeric(c) || QUERY_MARKS.indexOf(c) >= 0);
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** Makes the changes. */
  public void applyTo(HeadBuffer head) {
    if (set.isEmpty() && remove.isEmpty()) {
      return;
    }
    String before = head.query().toString();
    byte[] after = edited(before).getBytes(StandardCharsets.ISO_8859_1);
    head.replaceQuery(after, 0, after.length);
  }

  /** From and to the form with a question mark, or nothing at all. */
  String edited(String query) {
    List<String> pairs = new ArrayList<>();
    for (String pair : query.isEmpty() ? new String[0] : query.substring(1).split("&", -1)) {
      if (!pair.isEmpty()) {
        pairs.add(pair);
      }
    }
    for (Parameter parameter : set) {
      pairs.removeIf(pair -> name(pair).equals(parameter.name()));
      pairs.add(parameter.name() + "=" + parameter.value());
    }
    pairs.removeIf(pair -> remove.contains(name(pair)));
    return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
  }

  private static String name(String pair) {
    int equals = pair.indexOf('=');
    return equals < 0 ? pair : pair.substring(0, equals);
  }
}
