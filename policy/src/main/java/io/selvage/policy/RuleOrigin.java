package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.FieldValues;
import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.Optional;

/**
 * Where a rule of an {@link Authorization} comes from: the policy as the user wrote it, field by
 * field, for explanations. It matches when one of {@code from}, one of {@code to} and all of {@code
 * when} do.
 *
 * @param ruleId as in {@link RbacPolicy#id()}
 * @param policy the whole policy
 * @param index of the rule in the policy
 * @param at the rule; the policy when it has no rules
 * @param from the fields of each source; an entry without fields is anybody, and so is no entry
 * @param to the fields of each operation, likewise
 * @param when the conditions
 * @param dropped why nothing was made of this rule on this port, if so
 */
public record RuleOrigin(
    String ruleId,
    AuthorizationPolicy policy,
    int index,
    SourceLocation at,
    List<List<Field>> from,
    List<List<Field>> to,
    List<Field> when,
    Optional<String> dropped) {

  /**
   * One field of a rule, such as {@code notPaths}.
   *
   * @param attribute what it looks at: the field's name without {@code not}, or the condition's key
   * @param path from the rule on: {@code from[0].source.principals}, {@code when[1].values}
   * @param negated whether none of the values may match
   * @param values as written, with their locations
   * @param matcher what the field became, {@code not} included; {@link Matcher.Always} when it was
   *     dropped
   * @param dropped why the field doesn't count on this port, if so
   */
  public record Field(
      String attribute,
      String path,
      boolean negated,
      FieldValues values,
      Matcher matcher,
      Optional<String> dropped) {}
}
