package io.selvage.ca.roots;

import io.selvage.pki.TrustBundle;

/**
 * Everything that the authority must not lose. {@link #toString} shows no key.
 *
 * @param generation grows by one with each change
 * @param rotation what signs, and where a rotation stands
 * @param federated roots of other clusters and meshes that are trusted too
 * @param joinTokenKey the private key of join tokens, as {@code JoinTokens.exportKey} gives it
 */
public record CaState(
    long generation, RootRotation rotation, TrustBundle federated, String joinTokenKey) {
  /** All roots that the mesh trusts now. */
  public TrustBundle bundle() {
    return rotation.bundle().withAll(federated.roots());
  }

  /** Whether another state followed from this one: the key of join tokens stays a CA's own. */
  boolean isEarlierThan(CaState other) {
    return joinTokenKey.equals(other.joinTokenKey) && generation < other.generation;
  }

  CaState next(RootRotation changed) {
    return new CaState(generation + 1, changed, federated, joinTokenKey);
  }

  CaState next(TrustBundle changedFederated) {
    return new CaState(generation + 1, rotation, changedFederated, joinTokenKey);
  }

  /** The same generation with another rotation. */
  CaState with(RootRotation changed) {
    return new CaState(generation, changed, federated, joinTokenKey);
  }

  @Override
  public String toString() {
    return "CaState[generation=" + generation + ", " + rotation + ", federated=" + federated + "]";
  }
}
