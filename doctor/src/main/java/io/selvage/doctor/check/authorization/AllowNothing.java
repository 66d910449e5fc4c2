package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import java.util.List;
import java.util.Set;

/**
 * {@code spec: {}}: an ALLOW without rules, which denies what no other ALLOW allows. With others
 * beside it that is the recommended beginning of a policy; alone it closes a namespace, as the
 * runbook's own remedy does when nobody takes it back.
 */
public final class AllowNothing {
  /** No namespace is closed. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4004",
              "no empty policy closes a whole namespace",
              Set.of(Source.OBJECTS),
              FixClass.CONSENTED,
              "R6"),
          AllowNothing::ask);

  private AllowNothing() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY, Kind.POD)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    int beginnings = 0;
    for (AuthorizationPolicy policy : mesh.snapshot().all(AuthorizationPolicy.class)) {
      if (!Policies.allowsNothing(policy) || !policy.targetRefs().isEmpty()) {
        continue;
      }
      List<PodView> meant =
          Policies.selected(mesh, policy).stream().filter(PodView::isInMesh).toList();
      List<PodView> closed =
          meant.stream()
              .filter(pod -> !mesh.isObscure(pod.namespace(), Kind.AUTHORIZATION_POLICY))
              .filter(pod -> isClosed(mesh, pod))
              .toList();
      if (meant.isEmpty()) {
        continue; // nothing enforces it: SLV4003 says so
      }
      if (closed.isEmpty()) {
        beginnings++;
      } else {
        tell(cluster, policy, meant, closed, results);
      }
    }
    if (results.isFine()) {
      results.pass(
          beginnings == 0
              ? "no policy that a workload enforces is empty"
              : "%s, each with others beside it that allow"
                  .formatted(beginnings == 1 ? "1 empty policy" : beginnings + " empty policies"));
    }
  }

  private static boolean isClosed(MeshView mesh, PodView pod) {
    return Policies.enforced(mesh, pod, Action.ALLOW).stream().allMatch(Policies::allowsNothing);
  }

  private static void tell(
      ClusterEvidence cluster,
      AuthorizationPolicy policy,
      List<PodView> meant,
      List<PodView> closed,
      Results results) {
    boolean all = closed.size() == meant.size();
    String summary =
        "%s is empty and denies everything to %s: %s"
            .formatted(
                Policies.ref(policy),
                all
                    ? "all of " + Words.count(meant.size(), "workload")
                    : "%d of %s".formatted(closed.size(), Words.count(meant.size(), "workload")),
                Words.some(closed.stream().map(PodView::qualified).toList()));
    var said = all ? results.fail(summary) : results.warn(summary);
    Policies.about(said, cluster, policy)
        .cause(
            "an ALLOW policy without rules matches nothing, and what no ALLOW matches is denied;"
                + " nothing else allows anything to these workloads")
        .effect("every call to them gets 403 RBAC: access denied")
        .next(
            "add policies that allow what is needed, or: kubectl -n %s delete authorizationpolicy %s"
                .formatted(policy.meta().namespace(), policy.meta().name()))
        .fix(
            new Fix.Delete(
                "remove %s: its workloads then take what other policies leave open"
                    .formatted(Policies.ref(policy)),
                "security.istio.io/v1",
                Policies.ref(policy)));
  }
}
