package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Workloads that no policy selects, in a mesh where others have policies. A mesh without any policy
 * has not begun with it: that is told, and is no finding.
 */
public final class Unprotected {
  /** Every workload has a policy. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV4005",
              "every workload has a policy",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of("R6"),
              Optional.empty()),
          Unprotected::ask);

  private Unprotected() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY, Kind.POD)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    if (cluster.objects().all(Kind.AUTHORIZATION_POLICY).isEmpty()) {
      results
          .skip("there is no AuthorizationPolicy: everybody may call everything")
          .next("begin with one per namespace; selvage prove shows what a policy would deny");
      return;
    }
    Map<String, List<PodView>> open = new TreeMap<>();
    List<PodView> sidecars = mesh.sidecars();
    int guarded = 0;
    for (PodView pod : sidecars) {
      boolean enforced =
          mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view()).stream()
              .anyMatch(policy -> !policy.dryRun());
      guarded += enforced ? 1 : 0;
      if (!enforced
          && !mesh.isObscure(pod.namespace(), Kind.AUTHORIZATION_POLICY)
          && !mesh.ports(pod).isEmpty()) {
        open.computeIfAbsent(pod.namespace(), _ -> new ArrayList<>()).add(pod);
      }
    }
    if (guarded == 0 && results.isFine()) {
      results.skip("no policy selects a workload yet: everybody may call everything");
      return;
    }
    open.forEach(
        (namespace, pods) ->
            results
                .warn(
                    "no policy selects %s in %s: %s"
                        .formatted(
                            Words.count(pods.size(), "workload"),
                            namespace,
                            Words.some(pods.stream().map(PodView::name).toList())))
                .seen(
                    Words.count(cluster.objects().all(Kind.AUTHORIZATION_POLICY).size(), "object"),
                    "GET authorizationpolicies")
                .effect("everybody who reaches them may call everything")
                .next(
                    "write one for each, beginning with what calls now (counters of SLV2010), and"
                        + " try it with istio.io/dry-run"));
    if (results.isFine()) {
      results.pass("%s have policies".formatted(Words.count(sidecars.size(), "workload")));
    }
  }
}
