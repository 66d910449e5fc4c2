package io.selvage.policy;

import com.google.re2j.Pattern;

/**
 * A test on one string, as Envoy's {@code type.matcher.v3.StringMatcher} has it. All forms but
 * {@link Any} and {@link NonEmpty} may ignore ASCII case.
 */
public sealed interface StringMatch {
  /** Every string, the empty one included: the {@code *} of headers and methods (presence). */
  record Any() implements StringMatch {}

  /** At least one byte: Istio's {@code *} elsewhere ({@code .+}). */
  record NonEmpty() implements StringMatch {}

  /** Equal. */
  record Exact(String value, boolean ignoreCase) implements StringMatch {}

  /** Starts with {@code value}, a raw string prefix: {@code /res1} matches {@code /res10}. */
  record Prefix(String value, boolean ignoreCase) implements StringMatch {}

  /** Ends with {@code value}. */
  record Suffix(String value, boolean ignoreCase) implements StringMatch {}

  /** Has {@code value} in it. */
  record Contains(String value, boolean ignoreCase) implements StringMatch {}

  /** The whole string matches an RE2 expression (linear time, no back-references). */
  record Regex(Pattern pattern) implements StringMatch {}
}
