package io.selvage.prove;

import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.Optional;

/**
 * Something that a rule does, or doesn't do, that its author may not think.
 *
 * @param policy {@code namespace/name}
 * @param action such as {@code ALLOW}
 * @param rule index in the policy; empty: the policy as a whole
 * @param places where this is so; for {@link Kind#IMPOSSIBLE}, {@link Kind#DENIED} and {@link
 *     Kind#REDUNDANT}, all the places that the policy selects
 * @param text one sentence
 * @param because rules that together make it so: those that deny, or that cover it
 */
public record LintFinding(
    Kind kind,
    String cluster,
    String policy,
    String action,
    Optional<Integer> rule,
    SourceLocation at,
    List<Place> places,
    String text,
    List<RuleReference> because,
    Optional<Witness> witness) {
  public LintFinding {
    places = List.copyOf(places);
    because = List.copyOf(because);
  }

  /** What is found. */
  public enum Kind {
    /** No request can match the rule. */
    IMPOSSIBLE,
    /** Whatever the rule allows is denied by others. */
    DENIED,
    /** The policy selects no workload. */
    DEAD,
    /** Other rules of the same action match all that it matches. */
    REDUNDANT,
    /** An ALLOW whose caller is only described by what it is not lets plaintext in. */
    PLAINTEXT_ADMITTED,
    /** A rule looks at a token, and no RequestAuthentication of the workload takes one. */
    TOKEN_WITHOUT_ISSUER
  }

  /** A rule by its place. */
  public record RuleReference(String policy, int rule, SourceLocation at) {}
}
