package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** One cluster's API, as far as fixes change it. */
public interface ClusterHand {
  /** Whether a change is only tried. */
  enum Write {
    /** A dry run on the server's side: it says what would come of it, or refuses. */
    TRIED,
    DONE
  }

  /**
   * An object as it is.
   *
   * @return empty when there is none
   */
  Optional<ObjectNode> read(String apiVersion, ObjectRef object) throws FixFailed;

  /**
   * Changes an object.
   *
   * @return as it is then
   */
  ObjectNode patch(Fix.Patch fix, Write write) throws FixFailed;

  /** Applies an object on the server's side, taking over what others wrote into the same fields. */
  ObjectNode apply(ObjectNode object, Write write) throws FixFailed;

  /** Deletes one that is as it was read, nothing newer. */
  void delete(ObjectNode object, Write write) throws FixFailed;

  /** Has a workload's Pods made anew. */
  ObjectNode restart(ObjectRef workload, Write write) throws FixFailed;

  /**
   * Waits until a workload's Pods are the newest and ready.
   *
   * @return what it still waits for after a while; empty when it is done
   */
  Optional<String> settled(ObjectRef workload) throws InterruptedException;
}
