package io.selvage.control.kubernetes.webhook;

import io.selvage.model.Resource;
import java.util.List;
import java.util.Optional;

/** Says what a change of policy would do, before it is stored. */
@FunctionalInterface
public interface ChangeReview {
  /** Says nothing. */
  ChangeReview NONE = _ -> Opinion.NOTHING;

  /**
   * What is thought of an object that is to be created or changed, and that is good by itself. Must
   * return within seconds: the API server waits.
   */
  Opinion of(Resource changed);

  /**
   * What is thought.
   *
   * @param warnings shown to whoever sent it
   * @param refusal why it must not be stored; empty when it may
   */
  record Opinion(List<String> warnings, Optional<String> refusal) {
    /** Nothing is to be said. */
    public static final Opinion NOTHING = new Opinion(List.of(), Optional.empty());

    public Opinion {
      warnings = List.copyOf(warnings);
    }
  }
}
