package io.selvage.it.conformance;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Requests about which an Envoy is known to decide in another way, and ours to be right: each has
 * its conformance cases, with {@code differs}. Generated ones are not compared.
 */
final class KnownDifferences {
  private static final Pattern PARAMETER_ON_ENCODED_DOTS =
      Pattern.compile("(?i)(^|/|%2f|\\\\|%5c)(\\.|%2e){1,2};.*");

  private KnownDifferences() {}

  /** Why the subject may answer otherwise; empty when it may not. */
  static Optional<String> of(Subject subject, CaseSet set, Request request) {
    if (subject.name() != SubjectName.ENVOY_SELVAGE && subject.name() != SubjectName.ENVOY_ISTIOD) {
      return Optional.empty();
    }
    Set<String> names = new HashSet<>();
    for (Header header : request.headers()) {
      if (!names.add(header.name().toLowerCase(Locale.ROOT))) {
        return Optional.of("a header twice: Envoy compares each line alone");
      }
    }
    String path = request.path();
    if (path.matches("[/\\\\]+|(?i)(/|%2f|%5c|\\\\)+")) {
      return Optional.of("nothing but slashes: Envoy merges all but two");
    }
    if (path.toLowerCase(Locale.ROOT).contains("%2e")
        && PARAMETER_ON_ENCODED_DOTS.matcher(path).find()) {
      return Optional.of("encoded dots with a parameter: Envoy leaves them");
    }
    String mode = set.mesh().path("pathNormalization").path("normalization").asString("");
    if (mode.equals("NONE") && request.path().matches(".*[\"<>^`{|}].*")) {
      return Optional.of(
          "a template of a DENY or CUSTOM reads what no URI may have; Envoy's does not");
    }
    return Optional.empty();
  }
}
