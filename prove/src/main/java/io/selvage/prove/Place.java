package io.selvage.prove;

import io.selvage.policy.IstioTranslation.Protocol;
import java.util.Optional;

/**
 * A port of a workload, seen as one protocol: what an answer is about.
 *
 * @param port empty: no service declares it
 * @param other every port that neither a service nor a policy names; {@code number} is one of them
 */
public record Place(
    ProvedWorkload workload, Optional<Port> port, int number, boolean other, Protocol protocol) {
  /** {@code payments/ledger :8080 HTTP}. */
  @Override
  public String toString() {
    return "%s %s %s"
        .formatted(workload.qualifiedName(), other ? "other ports" : ":" + number, protocol);
  }
}
