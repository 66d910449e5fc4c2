package io.selvage.doctor.view;

import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import java.util.List;
import java.util.Optional;

/** AuthorizationPolicies as results name them. */
public final class Policies {
  private Policies() {}

  public static ObjectRef ref(AuthorizationPolicy policy) {
    return new ObjectRef("AuthorizationPolicy", policy.meta().namespace(), policy.meta().name());
  }

  /** The same as it was read. */
  public static Optional<ApiObject> object(ClusterEvidence cluster, AuthorizationPolicy policy) {
    return cluster
        .objects()
        .find(Kind.AUTHORIZATION_POLICY, policy.meta().namespace(), policy.meta().name());
  }

  /** A result is about this policy; says since when it is as it is, and who wrote it. */
  public static Results.Said about(
      Results.Said said, ClusterEvidence cluster, AuthorizationPolicy policy) {
    said.about(ref(policy));
    object(cluster, policy)
        .flatMap(Written::of)
        .ifPresent(
            written -> said.since(written.at()).seen("written " + written, "GET " + ref(policy)));
    return said;
  }

  /** Those of an action that are enforced for a workload. */
  public static List<AuthorizationPolicy> enforced(MeshView mesh, PodView pod, Action action) {
    return mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view()).stream()
        .filter(policy -> policy.action() == action && !policy.dryRun())
        .toList();
  }

  /** It denies whatever no other policy allows, in all of its namespace or of the mesh. */
  public static boolean allowsNothing(AuthorizationPolicy policy) {
    return policy.action() == Action.ALLOW && policy.ruleList().isEmpty() && !policy.dryRun();
  }

  /** The Pods that a policy is for; none for one that is attached to gateways or Services. */
  public static List<PodView> selected(MeshView mesh, AuthorizationPolicy policy) {
    if (!policy.targetRefs().isEmpty()) {
      return List.of();
    }
    boolean root = policy.meta().namespace().equals(mesh.settings().rootNamespace());
    return mesh.pods().stream()
        .filter(pod -> root || pod.namespace().equals(policy.meta().namespace()))
        .filter(
            pod -> policy.selector().map(selector -> selector.matches(pod.labels())).orElse(true))
        .toList();
  }
}
