package io.selvage.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A list of strings in a resource, with the location of each.
 *
 * <p>A field that is absent and one that is an empty list are the same here, as in Istio.
 *
 * @param values in the order written
 * @param locations one for each value, at the same index
 */
public record FieldValues(List<String> values, List<SourceLocation> locations) {

  /** No values: the field was not given. */
  public static final FieldValues EMPTY = new FieldValues(List.of(), List.of());

  public FieldValues {
    values = List.copyOf(values);
    locations = List.copyOf(locations);
    if (values.size() != locations.size()) {
      throw new IllegalArgumentException(
          values.size() + " values with " + locations.size() + " locations");
    }
  }

  /** Values that come from no source: for defaults and tests. */
  public static FieldValues of(String... values) {
    return new FieldValues(
        Arrays.asList(values), Collections.nCopies(values.length, SourceLocation.UNKNOWN));
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public int size() {
    return values.size();
  }

  /** The first value's location, or {@code otherwise} when there is no value. */
  public SourceLocation at(SourceLocation otherwise) {
    return locations.isEmpty() ? otherwise : locations.getFirst();
  }
}
