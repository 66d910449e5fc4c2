package io.selvage.xds.parse;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.selvage.policy.StringMatch;
import java.util.Locale;

/** Reads header matchers, the deprecated forms too. */
final class HeaderParser {
  private HeaderParser() {}

  /**
   * A test on a header.
   *
   * @param name lower-case
   * @param match on its value
   * @param absent true: the header must not be there, and {@code match} says nothing
   * @param inverted true: the header is there and does not match
   */
  record HeaderTest(String name, StringMatch match, boolean absent, boolean inverted) {}

  /**
   * Envoy's inversion asks for a header that is there and doesn't match; only "present" inverts
   * into "absent".
   */
  // The old forms of a header match are deprecated, and still sent by older control planes.
  @SuppressWarnings("deprecation")
  static HeaderTest parse(HeaderMatcher from, At at) {
    String name = Values.filled(from.getName(), at.field("name")).toLowerCase(Locale.ROOT);
    boolean invert = from.getInvertMatch();
    return switch (from.getHeaderMatchSpecifierCase()) {
      case STRING_MATCH ->
          value(name, Values.string(from.getStringMatch(), at.field("string_match")), invert);
      case EXACT_MATCH -> value(name, new StringMatch.Exact(from.getExactMatch(), false), invert);
      case PREFIX_MATCH ->
          value(
              name,
              new StringMatch.Prefix(
                  Values.filled(from.getPrefixMatch(), at.field("prefix_match")), false),
              invert);
      case SUFFIX_MATCH ->
          value(
              name,
              new StringMatch.Suffix(
                  Values.filled(from.getSuffixMatch(), at.field("suffix_match")), false),
              invert);
      case CONTAINS_MATCH ->
          value(
              name,
              new StringMatch.Contains(
                  Values.filled(from.getContainsMatch(), at.field("contains_match")), false),
              invert);
      case SAFE_REGEX_MATCH ->
          value(
              name,
              Values.regex(
                  from.getSafeRegexMatch().getRegex(), at.field("safe_regex_match").field("regex")),
              invert);
      case PRESENT_MATCH -> presence(name, from.getPresentMatch() != invert);
      case RANGE_MATCH, HEADERMATCHSPECIFIER_NOT_SET -> {
        if (from.getHeaderMatchSpecifierCase()
            == HeaderMatcher.HeaderMatchSpecifierCase.RANGE_MATCH) {
          at.field("range_match").refuse("is a test on numbers, which is not understood");
        }
        yield presence(name, !invert);
      }
    };
  }

  private static HeaderTest value(String name, StringMatch match, boolean invert) {
    return new HeaderTest(name, match, false, invert);
  }

  private static HeaderTest presence(String name, boolean present) {
    return new HeaderTest(name, new StringMatch.Any(), !present, false);
  }
}
