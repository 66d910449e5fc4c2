package io.selvage.xds.parse;

import io.selvage.xds.XdsType;
import io.selvage.xds.resource.XdsResource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came out of parsing resources of one type: the good and the bad.
 *
 * @param type of all of them
 * @param good by name; a resource with a problem isn't here
 * @param problems all reasons, of all resources
 */
public record ParseResult(
    XdsType type, Map<String, XdsResource> good, List<ParseProblem> problems) {
  private static final int MOST_SAID = 20;

  public ParseResult {
    good = Collections.unmodifiableMap(new LinkedHashMap<>(good));
    problems = List.copyOf(problems);
  }

  /** Whether everything was understood. */
  public boolean isGood() {
    return problems.isEmpty();
  }

  /** All reasons in one text, for a NACK; at most 20 of them are spelt out. */
  public static String describe(List<ParseProblem> problems) {
    String said =
        problems.stream()
            .limit(MOST_SAID)
            .map(ParseProblem::toString)
            .collect(Collectors.joining("; "));
    int more = problems.size() - MOST_SAID;
    return ParseProblem.CODE + ": " + said + (more > 0 ? "; and " + more + " more" : "");
  }
}
