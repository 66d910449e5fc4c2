package io.selvage.doctor.view;

import io.selvage.doctor.evidence.ApiObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who wrote an object last, and when ({@code metadata.managedFields}).
 *
 * @param by a field manager, such as {@code kubectl-client-side-apply}; empty when unknown
 */
public record Written(Instant at, String by) {
  /** Empty when the object does not say. */
  public static Optional<Written> of(ApiObject object) {
    Stream<Written> managed =
        object
            .at("/metadata/managedFields")
            .valueStream()
            .filter(entry -> !entry.path("subresource").asString("").equals("status"))
            .flatMap(
                entry ->
                    instant(entry.path("time").asString(""))
                        .map(at -> new Written(at, entry.path("manager").asString("")))
                        .stream());
    return managed
        .max(Comparator.comparing(Written::at))
        .or(
            () ->
                instant(object.text("/metadata/creationTimestamp")).map(at -> new Written(at, "")));
  }

  /** An RFC 3339 time; empty when the text is none. */
  public static Optional<Instant> instant(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** {@code by MANAGER at TIME}. */
  @Override
  public String toString() {
    return (by.isEmpty() ? "" : "by " + by + " ") + "at " + at;
  }
}
