package io.selvage.prove.encode;

import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.RuleSet;
import io.selvage.policy.Reading;
import io.selvage.prove.encode.Meaning.Context;
import java.util.ArrayList;
import java.util.List;

/**
 * What a port lets through, in statements.
 *
 * @param mode that the peer is as PeerAuthentication wants it
 * @param tokens that a request has no token, or one that is taken here
 * @param stages as the authorization has them, without those that decide nothing
 */
public record Side(Formula mode, Formula tokens, List<Step> stages) {
  private static final Formula IDENTIFIED = new Formula.Present(new Field.Peer());

  /** One stage that decides. */
  public sealed interface Step {
    List<Rule> rules();

    /** Denies what no rule matches. */
    record Allow(List<Rule> rules) implements Step {}

    /** Denies what a rule matches. */
    record Deny(List<Rule> rules) implements Step {}

    /** Asks about what a rule matches; {@code unusable} denies it. */
    record Ask(String provider, boolean unusable, List<Rule> rules) implements Step {}
  }

  /**
   * One rule.
   *
   * @param id as in {@link RbacPolicy#id()}
   */
  public record Rule(String id, Formula matches) {}

  /** A port that lets nothing of this protocol through. */
  public static Side refusing() {
    return new Side(Formula.Constant.FALSE, Formula.Constant.TRUE, List.of());
  }

  /**
   * The statements of an authorization, behind a port that has a mode.
   *
   * @param issuers whose tokens are taken; none: tokens are not looked at
   */
  public static Side of(
      Authorization authorization,
      Mode mode,
      List<Issuer> issuers,
      Context context,
      Meaning meaning) {
    List<Step> steps = new ArrayList<>();
    for (Stage stage : authorization.stages()) {
      switch (stage) {
        case Stage.Custom(var provider, var rules, var unusable) ->
            // An authorizer is asked before tokens are checked, since it sees them itself.
            steps.add(
                new Step.Ask(
                    provider,
                    unusable,
                    rules(rules, Reading.WIDE, context.withoutTokens(), meaning)));
        case Stage.Rbac(var enforced, _) ->
            enforced.ifPresent(set -> add(steps, set, context, meaning));
      }
    }
    return new Side(mode(mode), Issuer.accepted(issuers), List.copyOf(steps));
  }

  private static void add(List<Step> steps, RuleSet set, Context context, Meaning meaning) {
    List<Rule> rules = rules(set, meaning.reading(set.action()), context, meaning);
    switch (set.action()) {
      case ALLOW -> steps.add(new Step.Allow(rules));
      case DENY -> steps.add(new Step.Deny(rules));
      case LOG -> {}
    }
  }

  private static List<Rule> rules(RuleSet set, Reading reading, Context context, Meaning meaning) {
    return set.rules().stream()
        .map(rule -> new Rule(rule.id(), meaning.of(rule, reading, context)))
        .toList();
  }

  private static Formula mode(Mode mode) {
    return switch (mode) {
      case STRICT -> IDENTIFIED;
      case DISABLE -> Formula.not(IDENTIFIED);
      case PERMISSIVE, UNSET -> Formula.Constant.TRUE;
    };
  }

  /** Whether a rule looks at a token. */
  public boolean looksAtTokens() {
    boolean[] looks = {false};
    for (Step step : stages) {
      for (Rule rule : step.rules()) {
        rule.matches().visit((field, _) -> looks[0] |= field.isOfToken(), _ -> {});
      }
    }
    return looks[0];
  }

  /**
   * That the port lets it through.
   *
   * @param withTokens whether tokens make a difference
   */
  public Formula allowed(boolean withTokens) {
    List<Formula> all = new ArrayList<>(withTokens ? List.of(mode, tokens) : List.of(mode));
    for (Step step : stages) {
      Formula matched = Formula.any(step.rules().stream().map(Rule::matches).toList());
      all.add(
          switch (step) {
            case Step.Allow _ -> matched;
            case Step.Deny _ -> Formula.not(matched);
            case Step.Ask(var provider, var unusable, _) ->
                unusable
                    ? Formula.not(matched)
                    : Formula.any(
                        List.of(
                            Formula.not(matched),
                            new Formula.Present(new Field.Authorizer(provider))));
          });
    }
    return Formula.all(all);
  }
}
