package io.selvage.it.conformance;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Who decides, in the order of the report's columns. */
enum SubjectName {
  REFERENCE("reference"),
  INDEX("index"),
  SELVAGE("selvage"),
  ENVOY_SELVAGE("envoy-selvage"),
  ENVOY_ISTIOD("envoy-istiod"),
  GRPC("grpc");

  private final String text;

  SubjectName(String text) {
    this.text = text;
  }

  @JsonCreator
  static SubjectName of(String text) {
    return Arrays.stream(values())
        .filter(each -> each.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no subject \"" + text + "\""));
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
