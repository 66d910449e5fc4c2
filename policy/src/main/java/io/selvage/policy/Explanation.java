package io.selvage.policy;

import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.Optional;

/**
 * Why a request got the decision it got.
 *
 * @param decision what was decided
 * @param summary one sentence: the verdict, the policy that made it, where it is written
 * @param decidedBy the rule that decided; empty when none did
 * @param nearest when no ALLOW rule matched: the one that was nearest to it
 * @param notes dry-run and AUDIT matches
 */
public record Explanation(
    Decision decision,
    String summary,
    Optional<RuleReport> decidedBy,
    Optional<RuleReport> nearest,
    List<Note> notes) {

  /**
   * One rule against one request. Of several sources and operations it has the ones that matched,
   * or came nearest.
   *
   * @param policy {@code namespace/name}
   * @param action the policy's, such as {@code ALLOW}
   * @param rule index in the policy
   * @param at where the rule is written
   * @param fields in the order written, matching ones included
   * @param dropped why the rule doesn't count on this port, if so
   */
  public record RuleReport(
      String ruleId,
      String policy,
      String action,
      int rule,
      SourceLocation at,
      List<FieldReport> fields,
      Optional<String> dropped) {
    /** The first field that kept the rule from matching. */
    public Optional<FieldReport> firstFailing() {
      return fields.stream().filter(field -> !field.matches()).findFirst();
    }
  }

  /**
   * One field of a rule against one request.
   *
   * @param path such as {@code from[0].source.notPrincipals}
   * @param attribute what it looks at
   * @param negated whether it matches when none of the values does
   * @param values as written
   * @param at where they are written
   * @param actual what the request has; in words when it has nothing
   * @param matches whether the field lets the rule match
   * @param hint what is likely meant, when the values are nearly right or the field doesn't count
   */
  public record FieldReport(
      String path,
      String attribute,
      boolean negated,
      List<String> values,
      SourceLocation at,
      String actual,
      boolean matches,
      Optional<String> hint) {
    private static final int MOST_VALUES = 8;

    /** Values that fit on a line; an address list may have thousands. */
    private String shown() {
      int more = values.size() - MOST_VALUES;
      return more <= 0
          ? values.toString()
          : "[%s and %d more]".formatted(String.join(", ", values.subList(0, MOST_VALUES)), more);
    }

    /** {@code paths is /x, wants one of [/y]}. */
    public String render() {
      return "%s is %s, wants %s%s%s"
          .formatted(
              attribute,
              actual,
              negated ? "none of " : "one of ",
              shown(),
              hint.map(text -> " (" + text + ")").orElse(""));
    }
  }
}
