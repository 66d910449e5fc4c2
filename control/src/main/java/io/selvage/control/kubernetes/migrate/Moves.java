package io.selvage.control.kubernetes.migrate;

import static io.selvage.control.kubernetes.inject.InjectionPolicy.ISTIO_NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.REVISION_LABEL;

import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.migrate.Survey.Injection;
import io.selvage.control.kubernetes.migrate.Survey.Owner;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** By which commands the workloads of a namespace come to the other control plane. */
final class Moves {
  private static final int SHOWN = 3;
  private static final String OURS = REVISION_LABEL + "=" + InjectionSettings.REVISION;

  private final Survey survey;

  Moves(Survey survey) {
    this.survey = survey;
  }

  /** What has the Pods of a namespace made anew that are not of the plane that it asks for. */
  List<String> finish(String namespace) {
    Injection asks = asks(namespace);
    if (asks.plane().isEmpty()) {
      return List.of();
    }
    Plane wanted = asks.plane().get();
    List<Workload> others = sidecars(namespace).filter(pod -> pod.plane() != wanted).toList();
    if (others.isEmpty()) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    // Such a label shuts out none of Istio's selectors: those of Pods that ask hear them first.
    boolean heard = others.stream().anyMatch(pod -> !pod.asks().isEmpty());
    if (wanted == Plane.SELVAGE && heard && !asks.labels().contains(OURS)) {
      all.add(label(namespace));
    }
    all.addAll(restarts(namespace, others));
    return all;
  }

  /** How the first namespace that still has Istio's sidecars leaves Istio. */
  List<String> begin() {
    Set<String> all = new TreeSet<>();
    survey.workloads().stream()
        .filter(pod -> pod.plane() == Plane.ISTIO && !pod.gateway())
        .map(Workload::namespace)
        .filter(this::isIstios)
        .forEach(all::add);
    return all.stream()
        .filter(namespace -> gateways(namespace).isEmpty())
        .findFirst()
        .map(this::move)
        .or(() -> all.stream().findFirst().map(this::apart))
        .orElse(List.of());
  }

  private boolean isIstios(String namespace) {
    Injection asks = asks(namespace);
    return asks.labels().isEmpty() || asks.plane().equals(Optional.of(Plane.ISTIO));
  }

  private List<String> move(String namespace) {
    List<Workload> pods = sidecars(namespace).filter(pod -> pod.plane() == Plane.ISTIO).toList();
    boolean byThemselves =
        asks(namespace).labels().isEmpty() && pods.stream().noneMatch(pod -> pod.asks().isEmpty());
    return byThemselves ? templates(namespace, pods) : List.of(label(namespace));
  }

  /** Shuts out all of Istio's selectors, and is heard by ours, whatever the Pods say. */
  private String label(String namespace) {
    boolean ours = asks(namespace).labels().contains(NAMESPACE_LABEL);
    return "kubectl label namespace %s --overwrite %s- %s%s"
        .formatted(namespace, ISTIO_NAMESPACE_LABEL, OURS, ours ? " " + NAMESPACE_LABEL + "-" : "");
  }

  /** Of a namespace that says nothing: Pods that ask for themselves ask for ours. */
  private static List<String> templates(String namespace, List<Workload> pods) {
    List<String> all =
        owners(pods).stream()
            .map(
                owner ->
                    owner.isRestarted()
                        ? "kubectl -n %s patch %s %s --type merge -p '{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"%s\":\"%s\"}}}}}'"
                            .formatted(
                                namespace,
                                owner.kind().toLowerCase(Locale.ROOT),
                                owner.name(),
                                REVISION_LABEL,
                                InjectionSettings.REVISION)
                        : "label %s in the Pod template of %s in namespace %s"
                            .formatted(OURS, owner, namespace))
            .toList();
    return all.size() <= SHOWN
        ? all
        : Stream.concat(
                all.stream().limit(SHOWN),
                Stream.of(
                    "the same for %d more of namespace %s"
                        .formatted(all.size() - SHOWN, namespace)))
            .toList();
  }

  private List<String> apart(String namespace) {
    return List.of(
        "namespace %s has gateways (%s), which stay with Istio: a namespace of their own for them, or for the other workloads, before it is moved"
            .formatted(namespace, some(owners(gateways(namespace)))));
  }

  private static List<String> restarts(String namespace, List<Workload> pods) {
    List<Owner> owners = owners(pods);
    List<String> all = new ArrayList<>();
    String kinds =
        owners.stream()
            .filter(Owner::isRestarted)
            .map(owner -> owner.kind().toLowerCase(Locale.ROOT))
            .distinct()
            .sorted()
            .collect(Collectors.joining(","));
    if (!kinds.isEmpty()) {
      all.add("kubectl -n %s rollout restart %s".formatted(namespace, kinds));
    }
    List<Owner> rest = owners.stream().filter(owner -> !owner.isRestarted()).toList();
    if (!rest.isEmpty()) {
      all.add(
          "namespace %s: until they are made anew, the Pods of %s keep the sidecar that they have"
              .formatted(namespace, some(rest)));
    }
    return all;
  }

  private static List<Owner> owners(List<Workload> pods) {
    return pods.stream().map(Workload::owner).distinct().toList();
  }

  private static String some(List<Owner> owners) {
    String first =
        owners.stream().limit(SHOWN).map(Owner::toString).collect(Collectors.joining(", "));
    return owners.size() <= SHOWN
        ? first
        : "%s and %d more".formatted(first, owners.size() - SHOWN);
  }

  private Injection asks(String namespace) {
    return survey.namespaces().getOrDefault(namespace, new Injection("", Optional.empty()));
  }

  private Stream<Workload> sidecars(String namespace) {
    return of(namespace).filter(pod -> !pod.gateway());
  }

  private List<Workload> gateways(String namespace) {
    return of(namespace).filter(Workload::gateway).toList();
  }

  private Stream<Workload> of(String namespace) {
    return survey.workloads().stream().filter(pod -> pod.namespace().equals(namespace));
  }
}
