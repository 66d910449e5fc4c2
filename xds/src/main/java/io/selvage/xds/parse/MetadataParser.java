package io.selvage.xds.parse;

import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.selvage.policy.Matcher;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Tests on dynamic metadata: those on the JWT filter's payload are tests on claims, in the forms
 * that istiod writes; others stay tests on a filter's metadata.
 */
final class MetadataParser {
  private static final Matcher STAND_IN = new Matcher.Never();

  private MetadataParser() {}

  static Matcher parse(MetadataMatcher from, At at) {
    List<String> path =
        from.getPathList().stream().map(MetadataMatcher.PathSegment::getKey).toList();
    if (from.getFilter().isEmpty() || path.isEmpty()) {
      at.refuse("needs a filter and a path");
      return STAND_IN;
    }
    boolean jwt =
        from.getFilter().equals(EnvoyNames.JWT_AUTHN)
            && path.getFirst().equals(EnvoyNames.JWT_PAYLOAD)
            && path.size() > 1;
    Matcher match =
        jwt
            ? claim(path.subList(1, path.size()), from.getValue(), at.field("value"))
            : anyOf(
                strings(from.getValue(), at.field("value")),
                string -> new Matcher.FilterMetadata(from.getFilter(), path, string));
    return from.getInvert() ? new Matcher.Not(match) : match;
  }

  /**
   * {@code iss} and {@code sub} are text by RFC 7519, so a plain string match is all; any other
   * claim may be a list, and is understood only when the list is asked for too.
   */
  private static Matcher claim(List<String> path, ValueMatcher value, At at) {
    List<String> claim = List.copyOf(path);
    if (value.getMatchPatternCase() == ValueMatcher.MatchPatternCase.STRING_MATCH
        && (claim.equals(List.of("iss")) || claim.equals(List.of("sub")))) {
      return new Matcher.Claim(claim, Values.string(value.getStringMatch(), at));
    }
    List<ValueMatcher> both = value.getOrMatch().getValueMatchersList();
    if (both.size() == 2
        && both.getFirst().getListMatch().getOneOf().equals(both.getLast())
        && both.getFirst().hasListMatch()) {
      return anyOf(strings(both.getLast(), at), string -> new Matcher.Claim(claim, string));
    }
    at.refuse(
        "must test a claim as text and as a list alike: or_match of list_match.one_of and the same");
    return STAND_IN;
  }

  private static Matcher anyOf(List<StringMatch> strings, Function<StringMatch, Matcher> matcher) {
    return strings.size() == 1
        ? matcher.apply(strings.getFirst())
        : new Matcher.Or(strings.stream().map(matcher).toList());
  }

  /** A string match, or alternatives of them. */
  private static List<StringMatch> strings(ValueMatcher from, At at) {
    List<StringMatch> to = new ArrayList<>();
    switch (from.getMatchPatternCase()) {
      case STRING_MATCH -> to.add(Values.string(from.getStringMatch(), at.field("string_match")));
      case OR_MATCH -> {
        List<ValueMatcher> parts = from.getOrMatch().getValueMatchersList();
        for (int i = 0; i < parts.size(); i++) {
          to.addAll(strings(parts.get(i), at.item("or_match", i)));
        }
      }
      case NULL_MATCH, DOUBLE_MATCH, BOOL_MATCH, PRESENT_MATCH, LIST_MATCH, MATCHPATTERN_NOT_SET ->
          at.refuse(from.getMatchPatternCase() + " of metadata is not understood");
    }
    return List.copyOf(to);
  }
}
