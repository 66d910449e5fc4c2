package io.selvage.control.kubernetes.webhook;

import io.selvage.model.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what a change would do, before it is stored. */
@FunctionalInterface
public interface ChangeReview {
  /** Says nothing. */
  ChangeReview NONE = _ -> Opinion.NOTHING;

  /**
   * What is thought of a change that is good by itself. Must return within seconds: the API server
   * waits.
   */
  Opinion of(Change change);

  /** What is about to happen. */
  sealed interface Change {
    /** An object is created or changed. */
    record Stored(Resource resource) implements Change {}

    /** An object goes away. */
    record Removed(Resource resource) implements Change {}

    /**
     * The ConfigMap of demands is created or changed.
     *
     * @param texts by their names in it
     */
    record Demanded(Map<String, String> texts) implements Change {
      public Demanded {
        texts = Map.copyOf(texts);
      }
    }
  }

  /**
   * What is thought.
   *
   * @param warnings shown to whoever sent it
   * @param refusal why it must not be; empty when it may
   */
  record Opinion(List<String> warnings, Optional<String> refusal) {
    /** Nothing is to be said. */
    public static final Opinion NOTHING = new Opinion(List.of(), Optional.empty());

    public Opinion {
      warnings = List.copyOf(warnings);
    }
  }
}
