package io.selvage.control.generate;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Authorization;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** How AuthorizationPolicies become what a port enforces. */
public interface PolicyTranslation {
  /**
   * Translates the policies that select one workload.
   *
   * @param http whether requests are seen on the port
   * @throws RuntimeException for what cannot be translated; the caller then denies or keeps what
   *     was enforced before
   */
  Translation translate(List<AuthorizationPolicy> policies, MeshConfig mesh, boolean http);

  /** These are all policies there are from now on: what is remembered of others may go. */
  default void retain(Collection<AuthorizationPolicy> policies) {}

  /** The same translation, which remembers nothing yet. */
  default PolicyTranslation fresh() {
    return this;
  }

  /**
   * What policies mean.
   *
   * @param authorization what is enforced
   * @param origins where each rule is written, by rule id
   * @param problems what does something else than its author may think
   */
  record Translation(
      Authorization authorization, Map<String, SourceLocation> origins, List<Problem> problems) {}
}
