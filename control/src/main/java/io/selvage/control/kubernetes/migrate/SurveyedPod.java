package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.migrate.Survey.Owner;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What a running Pod says of its sidecar. */
final class SurveyedPod {
  /** Of what Istio's proxy is told to be, those that are no sidecar. */
  private static final Set<String> GATEWAYS = Set.of("router", "waypoint");

  private SurveyedPod() {}

  /** Empty for a Pod that is not of the mesh. */
  static Optional<Workload> workload(Pod pod) {
    boolean gateway = isGateway(pod);
    Optional<Plane> plane = gateway ? Optional.of(Plane.ISTIO) : plane(pod);
    return plane.map(
        whose ->
            new Workload(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                whose,
                Surveyor.created(pod),
                owner(pod),
                IstioSelectors.asks(Surveyor.labels(pod)),
                gateway));
  }

  private static boolean isGateway(Pod pod) {
    return pod.getSpec() != null
        && pod.getSpec().getContainers().stream()
            .filter(container -> container.getName().equals("istio-proxy"))
            .map(Container::getArgs)
            .anyMatch(arguments -> arguments.stream().anyMatch(GATEWAYS::contains));
  }

  /** By the revision that the injector wrote; Istio's where it wrote none. */
  private static Optional<Plane> plane(Pod pod) {
    String status =
        Optional.ofNullable(pod.getMetadata().getAnnotations())
            .orElse(Map.of())
            .get(InjectionPolicy.STATUS);
    if (status == null) {
      return Optional.empty();
    }
    String revision = "";
    try {
      revision = JsonMapper.shared().readTree(status).path("revision").asString("");
    } catch (JacksonException e) {
      revision = ""; // not written by an injector: the label decides
    }
    String is =
        revision.isEmpty()
            ? Surveyor.labels(pod).getOrDefault(InjectionPolicy.REVISION_LABEL, "")
            : revision;
    return Optional.of(is.equals(InjectionSettings.REVISION) ? Plane.SELVAGE : Plane.ISTIO);
  }

  /** Of a ReplicaSet that a Deployment made, the Deployment. */
  private static Owner owner(Pod pod) {
    List<OwnerReference> owners =
        Optional.ofNullable(pod.getMetadata().getOwnerReferences()).orElse(List.of());
    Optional<OwnerReference> controller =
        owners.stream().filter(one -> Boolean.TRUE.equals(one.getController())).findFirst();
    if (controller.isEmpty()) {
      return new Owner("Pod", pod.getMetadata().getName());
    }
    String kind = controller.get().getKind();
    String name = controller.get().getName();
    String hash = "-" + Surveyor.labels(pod).getOrDefault("pod-template-hash", "-");
    return kind.equals("ReplicaSet") && name.endsWith(hash)
        ? new Owner("Deployment", name.substring(0, name.length() - hash.length()))
        : new Owner(kind, name);
  }
}
