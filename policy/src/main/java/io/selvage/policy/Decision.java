package io.selvage.policy;

import java.util.Optional;

/**
 * The outcome for one request. Instances are made when policies are compiled, not per request.
 *
 * @param verdict what is to be done
 * @param ruleId the rule that decided ({@code ns[..]-policy[..]-rule[..]}): the first in its rule
 *     set that matches, and of several ALLOW stages the last one's; empty when no ALLOW rule
 *     matched or there is none
 * @param provider whom to ask, for {@link Verdict#ASK}
 * @param resumeAt the stage to go on with once the provider has agreed, for {@link Verdict#ASK}
 */
public record Decision(
    Verdict verdict, Optional<String> ruleId, Optional<String> provider, int resumeAt) {
  /** Nothing is enforced. */
  public static final Decision ALLOWED = allow(Optional.empty());

  /** No ALLOW rule matched. */
  public static final Decision DENIED_BY_DEFAULT = deny(Optional.empty());

  static Decision allow(Optional<String> ruleId) {
    return new Decision(Verdict.ALLOW, ruleId, Optional.empty(), -1);
  }

  static Decision deny(Optional<String> ruleId) {
    return new Decision(Verdict.DENY, ruleId, Optional.empty(), -1);
  }

  static Decision ask(String ruleId, String provider, int resumeAt) {
    return new Decision(Verdict.ASK, Optional.of(ruleId), Optional.of(provider), resumeAt);
  }

  /** What is to be done with the request. */
  public enum Verdict {
    /** Forward it. */
    ALLOW,
    /** 403 {@code RBAC: access denied}, or close a TCP connection. */
    DENY,
    /** Ask the external authorizer, then go on with the stages after CUSTOM. */
    ASK
  }

  /** Envoy's response-code detail for a denial, {@code rbac_access_denied_matched_policy[…]}. */
  public String responseCodeDetails() {
    return "rbac_access_denied_matched_policy[" + ruleId.orElse("none") + "]";
  }
}
