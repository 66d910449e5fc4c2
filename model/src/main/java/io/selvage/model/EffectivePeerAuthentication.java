package io.selvage.model;

import java.util.Optional;

/**
 * What one port of one workload accepts, and which resource says so.
 *
 * @param mode never {@link PeerAuthentication.Mode#UNSET}
 * @param decidedBy absent: nothing is set, so Istio's default of PERMISSIVE holds
 */
public record EffectivePeerAuthentication(
    PeerAuthentication.Mode mode, Scope scope, Optional<PeerAuthentication> decidedBy) {

  public EffectivePeerAuthentication {
    if (mode == PeerAuthentication.Mode.UNSET) {
      throw new IllegalArgumentException("an effective mode is never UNSET");
    }
  }

  /** How near to the port the decision was made. */
  public enum Scope {
    DEFAULT,
    MESH,
    NAMESPACE,
    WORKLOAD,
    PORT
  }
}
