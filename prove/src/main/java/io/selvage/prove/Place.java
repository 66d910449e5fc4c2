package io.selvage.prove;

import io.selvage.policy.IstioTranslation.Protocol;
import java.util.Optional;

/**
 * A port of a workload, seen as one protocol: what an answer is about.
 *
 * @param port empty: every port that neither a service nor a policy names; {@code number} is then
 *     one of them
 */
public record Place(
    ProvedWorkload workload, Optional<Port> port, int number, Protocol protocol) {
  /** {@code payments/ledger :8080 HTTP}. */
  @Override
  public String toString() {
    return "%s %s %s"
        .formatted(
            workload.qualifiedName(), port.isPresent() ? ":" + number : "other ports", protocol);
  }
}
