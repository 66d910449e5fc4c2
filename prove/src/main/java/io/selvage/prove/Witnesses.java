package io.selvage.prove;

import io.selvage.prove.Sampler.Sample;
import java.util.Optional;

/** Requests that show what one mesh does, each replayed. */
final class Witnesses {
  private Witnesses() {}

  /**
   * The witness of a sample.
   *
   * @param allowed what the diagram says
   */
  static Witness of(MeshSide side, Sample sample, Place place, boolean allowed) {
    Enforced enforced = side.enforced(place.workload(), place);
    Traced after = Replay.trace(enforced, sample.request(), sample.agreement());
    if (after.allowed() != allowed) {
      throw new ReplayMismatch(
          "a request at %s should be %s, but: %s, on %s"
              .formatted(place, allowed ? "allowed" : "denied", after.summary(), sample.request()));
    }
    return new Witness(sample.request(), sample.agreement(), Optional.empty(), after);
  }
}
