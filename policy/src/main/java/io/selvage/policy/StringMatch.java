package io.selvage.policy;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A test on one string, as Envoy's {@code type.matcher.v3.StringMatcher} has it. All forms but
 * {@link Any} and {@link NonEmpty} may ignore ASCII case. Values are compared as UTF-8 bytes.
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

  /** Whether this accepts {@code text}: the slow, obvious way. */
  default boolean matches(String text) {
    return matches(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether this accepts the string whose UTF-8 bytes are {@code bytes}: slow and obvious. */
  default boolean matches(byte[] bytes) {
    return switch (this) {
      case Any _ -> true;
      case NonEmpty _ -> bytes.length > 0;
      case Exact(String value, boolean ignoreCase) ->
          folded(bytes, ignoreCase).equals(folded(value, ignoreCase));
      case Prefix(String value, boolean ignoreCase) ->
          folded(bytes, ignoreCase).startsWith(folded(value, ignoreCase));
      case Suffix(String value, boolean ignoreCase) ->
          folded(bytes, ignoreCase).endsWith(folded(value, ignoreCase));
      case Contains(String value, boolean ignoreCase) ->
          folded(bytes, ignoreCase).contains(folded(value, ignoreCase));
      case Regex(Pattern pattern) -> pattern.matches(new String(bytes, StandardCharsets.UTF_8));
    };
  }

  private static String folded(String value, boolean ignoreCase) {
    return folded(value.getBytes(StandardCharsets.UTF_8), ignoreCase);
  }

  /** One char a byte, so that String's own methods compare bytes. */
  private static String folded(byte[] bytes, boolean ignoreCase) {
    byte[] copy = Arrays.copyOf(bytes, bytes.length);
    for (int i = 0; ignoreCase && i < copy.length; i++) {
      if (copy[i] >= 'A' && copy[i] <= 'Z') {
        copy[i] = (byte) (copy[i] + 32);
      }
    }
    return new String(copy, StandardCharsets.ISO_8859_1);
  }
}
