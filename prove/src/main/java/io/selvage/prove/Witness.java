package io.selvage.prove;

import java.util.Map;
import java.util.Optional;

/**
 * A request that shows something, already replayed.
 *
 * @param agreement what each external authorizer that is asked must answer for the outcome
 * @param before on the base of a diff; else empty
 * @param after on the head of a diff, or on the only side
 */
public record Witness(
    SampleRequest request, Map<String, Boolean> agreement, Optional<Traced> before, Traced after) {
  public Witness {
    agreement = Map.copyOf(agreement);
  }
}
