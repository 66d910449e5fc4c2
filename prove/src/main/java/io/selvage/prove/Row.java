package io.selvage.prove;

import java.util.List;

/**
 * A set of requests in words: from these callers, when all of the conditions hold.
 *
 * @param from {@code any identity in namespace batch}, {@code unauthenticated (plaintext)}
 * @param plaintext whether callers without an identity are among them
 * @param known the inventory's principals among them, in order
 * @param unknown whether identities that are not in the inventory are among them
 * @param when what a request must be like, one field each; empty: any request
 */
public record Row(
    String from, boolean plaintext, List<String> known, boolean unknown, List<Term> when) {
  public Row {
    known = List.copyOf(known);
    when = List.copyOf(when);
  }

  /**
   * One condition.
   *
   * @param field {@code method}, {@code path}, {@code header x-team}, {@code authorizer NAME}
   * @param text {@code starts with /charge}
   */
  public record Term(String field, String text) {
    @Override
    public String toString() {
      return field + " " + text;
    }
  }
}
