package io.selvage.policy;

import java.util.Optional;

/**
 * The outcome for one request. Instances are made when policies are compiled, not per request.
 *
 * @param verdict what is to be done
 * @param ruleId the rule that decided ({@code ns[..]-policy[..]-rule[..]}); empty when no ALLOW
 *     rule matched or there is none
 * @param provider whom to ask, for {@link Verdict#ASK}
 */
public record Decision(Verdict verdict, Optional<String> ruleId, Optional<String> provider) {
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
