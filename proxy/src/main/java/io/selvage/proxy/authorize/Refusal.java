package io.selvage.proxy.authorize;

import io.selvage.policy.Decision;

/**
 * Policy says no.
 *
 * @param decision with the rule, if one matched
 */
public record Refusal(Decision decision) implements Admission {}
