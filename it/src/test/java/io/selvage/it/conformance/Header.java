package io.selvage.it.conformance;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** One header line; each character is one byte. */
record Header(String name, String value) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Header of(List<String> pair) {
    if (pair.size() != 2) {
      throw new IllegalArgumentException("a header is [name, value], not " + pair);
    }
    return new Header(pair.get(0), pair.get(1));
  }

  @JsonValue
  List<String> pair() {
    return List.of(name, value);
  }

  boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }
}
