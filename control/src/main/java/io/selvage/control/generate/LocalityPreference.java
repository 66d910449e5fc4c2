package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.Places;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.LocalityLoadBalancing;
import io.selvage.model.MeshConfig;
import io.selvage.model.TrafficDistribution;
import java.util.List;
import java.util.Optional;

/**
 * Which endpoints the clients of a service prefer, in Istio's order: what their DestinationRule
 * says, then what the service says itself, then the mesh.
 *
 * @param setting what holds
 * @param failover whether a client may get to those of a lower priority: endpoints are set aside
 *     when they fail, or the service asks for it
 */
record LocalityPreference(LocalityLoadBalancing setting, boolean failover) {
  private static final List<String> ZONE =
      List.of(
          "topology.istio.io/network",
          "topology.kubernetes.io/region",
          "topology.kubernetes.io/zone");

  private static final LocalityLoadBalancing SAME_ZONE = byLabels(ZONE);

  private static final LocalityLoadBalancing SAME_NODE =
      byLabels(
          List.of(ZONE.get(0), ZONE.get(1), ZONE.get(2), "topology.istio.io/subzone", Places.NODE));

  private static LocalityLoadBalancing byLabels(List<String> labels) {
    return new LocalityLoadBalancing(true, List.of(), List.of(), labels);
  }

  static LocalityPreference of(
      MeshService service, Optional<TrafficPolicy> policy, MeshConfig mesh) {
    boolean outliers = policy.flatMap(TrafficPolicy::outlierDetection).isPresent();
    Optional<LocalityLoadBalancing> ruled = policy.flatMap(TrafficPolicy::locality);
    Optional<LocalityLoadBalancing> own = of(service.distribution());
    return new LocalityPreference(
        ruled.or(() -> own).orElse(mesh.locality()),
        outliers || (ruled.isEmpty() && own.isPresent()));
  }

  private static Optional<LocalityLoadBalancing> of(TrafficDistribution distribution) {
    return switch (distribution) {
      case ANY -> Optional.empty();
      case SAME_ZONE -> Optional.of(SAME_ZONE);
      case SAME_NODE -> Optional.of(SAME_NODE);
    };
  }

  /** Whether some endpoints are preferred to others at all. */
  boolean isAny() {
    return setting.enabled() && (!setting.distribute().isEmpty() || failover);
  }

  /** Whether the weights of localities count, as an istiod has it for what is written. */
  boolean weighsLocalities() {
    return isAny()
        && !(setting.distribute().isEmpty()
            && setting.failover().isEmpty()
            && setting.failoverPriority().isEmpty());
  }
}
