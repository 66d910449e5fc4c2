package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.WantedProxies;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import java.util.List;
import java.util.Map;

/**
 * Policies for Pods that have no proxy: what they say is enforced by nobody. A Pod that should have
 * a proxy and has none is SLV3006's; what is for the whole mesh is for Pods outside of it only in
 * passing.
 */
final class Unenforced {
  private static final int NAMED = 5;

  private final MeshView mesh;
  private final WantedProxies proxies;
  private final List<ApiObject> machines;

  private Unenforced(MeshView mesh, WantedProxies proxies, List<ApiObject> machines) {
    this.mesh = mesh;
    this.proxies = proxies;
    this.machines = machines;
  }

  static Unenforced of(ClusterEvidence cluster) {
    return new Unenforced(
        MeshView.of(cluster),
        WantedProxies.of(cluster),
        cluster.objects().all(Kind.WORKLOAD_ENTRY));
  }

  /** Says so of a policy of any kind: FAIL where no Pod of it has a proxy, else WARN. */
  void tell(ApiObject policy, Results results) {
    boolean isForAll = policy.namespace().equals(root()) && Selections.wanted(policy).isEmpty();
    boolean isAttached =
        !policy.at("/spec/targetRefs").isEmpty() || !policy.at("/spec/targetRef").isEmpty();
    boolean isTried = "true".equals(policy.annotations().get("istio.io/dry-run"));
    if (isForAll || isAttached || isTried) {
      return;
    }
    List<PodView> selected =
        mesh.pods().stream()
            .filter(pod -> isSelected(policy, pod.namespace(), pod.labels()))
            .toList();
    List<PodView> open =
        selected.stream().filter(pod -> !pod.isInMesh() && !proxies.isFor(pod)).toList();
    boolean isNowhere = // machines outside of the cluster bring their own proxy
        open.size() == selected.size()
            && machines.stream()
                .noneMatch(
                    one ->
                        isSelected(
                            policy, one.namespace(), Selections.texts(one.at("/spec/labels"))));
    boolean isOfModes = policy.kind().equals(Kind.PEER_AUTHENTICATION.singular());
    if (!open.isEmpty() && (isNowhere || !isOfModes)) { // a part of STRICT is SLV2006's
      tell(policy, selected, open, isNowhere, results);
    }
  }

  private String root() {
    return mesh.settings().rootNamespace();
  }

  private boolean isSelected(ApiObject policy, String namespace, Map<String, String> labels) {
    return (policy.namespace().equals(root()) || policy.namespace().equals(namespace))
        && labels.entrySet().containsAll(Selections.wanted(policy).entrySet());
  }

  private static void tell(
      ApiObject policy,
      List<PodView> selected,
      List<PodView> open,
      boolean isNowhere,
      Results results) {
    String names = Words.some(open.stream().map(PodView::qualified).toList());
    String pods = Words.count(selected.size(), "Pod");
    String summary =
        isNowhere
            ? "%s selects %s, none has a proxy: nothing enforces it".formatted(policy.ref(), pods)
            : "%s selects %s, %d without a proxy, where nothing enforces it: %s"
                .formatted(policy.ref(), pods, open.size(), names);
    boolean decides = policy.kind().equals(Kind.AUTHORIZATION_POLICY.singular());
    var said = isNowhere && decides ? results.fail(summary) : results.warn(summary);
    said.about(policy.ref())
        .seen(names + ": no sidecar, no gateway, not in ambient", "GET pods")
        .cause("no label of these Pods or of their namespace asks for a proxy")
        .effect("whoever reaches them may do anything there, whatever the policy says")
        .next(
            "have them injected (label the namespace, make the Pods anew), or guard them with a"
                + " NetworkPolicy");
    open.stream().limit(NAMED).forEach(pod -> said.about(pod.ref()));
    Written.of(policy).ifPresent(written -> said.since(written.at()));
  }
}
