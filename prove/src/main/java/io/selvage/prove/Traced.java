package io.selvage.prove;

import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.policy.Explanation;
import java.util.Optional;

/**
 * What one side does with one request, and why, replayed by the evaluators that enforce policy.
 *
 * @param allowed with external authorizers answering as the witness says
 * @param summary one sentence
 * @param peer what the port accepts, and which PeerAuthentication says so; decides when it refuses
 *     the connection
 * @param policy field by field; empty when the connection was refused before any policy
 * @param flip the nearest change that would turn the outcome, in words; empty when none is near
 */
public record Traced(
    boolean allowed,
    String summary,
    EffectivePeerAuthentication peer,
    Optional<Explanation> policy,
    Optional<String> flip) {}
