package io.selvage.prove;

import io.selvage.policy.RuleOrigin;
import io.selvage.prove.Sampler.Sample;
import java.util.List;
import java.util.Optional;

/**
 * What a rule does at one place.
 *
 * @param matches whether any request that gets as far can match it
 * @param denied ALLOW: whether other rules deny all that it matches
 * @param covered whether other rules of its action match all that it matches
 * @param deniers rules that deny all that it matches, when they do
 * @param coverers rules that cover it, when they do
 * @param plaintext a request in plaintext that it lets in although it speaks of callers
 * @param tokenless whether it looks at a token where none is taken
 */
record RuleState(
    RuleOrigin origin,
    boolean matches,
    boolean denied,
    boolean covered,
    List<RuleOrigin> deniers,
    List<RuleOrigin> coverers,
    Optional<Sample> plaintext,
    boolean tokenless) {}
