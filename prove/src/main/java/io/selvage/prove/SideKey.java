package io.selvage.prove;

import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.List;
import java.util.Optional;

/**
 * All that decides about requests at a port: two ports with equal keys allow the same.
 *
 * @param unmodelled why it can't be told what is enforced
 * @param spoken the protocol that the proxy sees; empty: it refuses
 * @param policies, mesh, tokens by their {@link Shapes}
 * @param port the number where a policy names it; else 0
 */
record SideKey(
    Enforcer enforcer,
    Optional<String> unmodelled,
    Optional<Protocol> spoken,
    List<Integer> policies,
    int mesh,
    Mode mode,
    List<Integer> tokens,
    int port) {
  SideKey {
    policies = List.copyOf(policies);
    tokens = List.copyOf(tokens);
  }
}
