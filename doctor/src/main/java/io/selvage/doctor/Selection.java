package io.selvage.doctor;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which checks are asked: {@code --only} and {@code --skip}.
 *
 * @param only codes, or their beginnings with {@code *} ({@code SLV2*}); empty for all
 * @param skip likewise, those that are left out
 */
public record Selection(List<String> only, List<String> skip) {
  /** Every check. */
  public static final Selection ALL = new Selection(List.of(), List.of());

  private static final Pattern FORM = Pattern.compile("(SLV)?(\\d{4}|\\d{1,3}\\*)");

  /**
   * @throws IllegalArgumentException for what is neither a code nor the beginning of one
   */
  public Selection {
    only = only.stream().map(Selection::normal).toList();
    skip = skip.stream().map(Selection::normal).toList();
  }

  private static String normal(String pattern) {
    var matcher = FORM.matcher(pattern.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "`" + pattern + "` is no code: they look like SLV2001, or SLV2* for a range");
    }
    return "SLV" + matcher.group(2);
  }

  /** Whether a check is asked. */
  public boolean has(String code) {
    return (only.isEmpty() || only.stream().anyMatch(pattern -> fits(pattern, code)))
        && skip.stream().noneMatch(pattern -> fits(pattern, code));
  }

  private static boolean fits(String pattern, String code) {
    return pattern.endsWith("*")
        ? code.startsWith(pattern.substring(0, pattern.length() - 1))
        : code.equals(pattern);
  }

  /**
   * Those of {@code checks} that are asked.
   *
   * @throws IllegalArgumentException when a pattern fits none of them: a misspelt code would
   *     otherwise look like a healthy mesh
   */
  public List<Check> of(List<Check> checks) {
    for (String pattern : Stream.concat(only.stream(), skip.stream()).toList()) {
      if (checks.stream().noneMatch(check -> fits(pattern, check.info().code()))) {
        throw new IllegalArgumentException("no check has the code " + pattern);
      }
    }
    return checks.stream().filter(check -> has(check.info().code())).toList();
  }
}
