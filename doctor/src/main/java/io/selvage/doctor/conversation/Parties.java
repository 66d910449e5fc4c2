package io.selvage.doctor.conversation;

import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Result;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.probe.Conversation.Party;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.PodView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whose Pods a name means: a workload's, a Pod's own, or those of an {@code app} label. */
final class Parties {
  private Parties() {}

  static List<PodView> pods(ClusterEvidence cluster, Party party) {
    List<PodView> there =
        MeshView.of(cluster).pods().stream()
            .filter(pod -> pod.namespace().equals(party.namespace()))
            .toList();
    return Stream.<Predicate<PodView>>of(
            pod -> pod.name().equals(party.name()),
            pod ->
                Owners.workload(cluster.objects(), pod.pod())
                    .filter(owner -> owner.name().equals(party.name()))
                    .isPresent(),
            pod -> pod.labels().getOrDefault("app", "").equals(party.name()))
        .map(fits -> there.stream().filter(fits).toList())
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  static Optional<ProxyView> proxy(ClusterEvidence cluster, PodView pod) {
    return cluster.proxies().found().orElse(List.of()).stream()
        .filter(one -> one.namespace().equals(pod.namespace()) && one.name().equals(pod.name()))
        .findFirst();
  }

  /** Whether a result is about one of these Pods, their namespaces, or the mesh as a whole. */
  static boolean concerns(Result result, List<PodView> pods, Set<String> names) {
    Set<String> namespaces = pods.stream().map(PodView::namespace).collect(Collectors.toSet());
    Set<String> podNames = pods.stream().map(PodView::name).collect(Collectors.toSet());
    return result.objects().isEmpty()
        || result.objects().stream().anyMatch(one -> concerns(one, namespaces, podNames, names));
  }

  private static boolean concerns(
      ObjectRef object, Set<String> namespaces, Set<String> pods, Set<String> names) {
    if (object.namespace().isEmpty()) {
      return !object.kind().equals("Namespace") || namespaces.contains(object.name());
    }
    return switch (object.kind()) {
      case "Pod" -> namespaces.contains(object.namespace()) && pods.contains(object.name());
      case "Service", "Deployment", "StatefulSet", "DaemonSet" ->
          namespaces.contains(object.namespace()) && names.contains(object.name());
      default -> namespaces.contains(object.namespace());
    };
  }
}
