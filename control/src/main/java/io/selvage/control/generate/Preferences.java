package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.Places;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.LocalityLoadBalancing;
import io.selvage.model.MeshConfig;
import io.selvage.model.TrafficDistribution;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether it matters to anybody who and where a client is: where it does not, clients are alike.
 *
 * @param places some setting prefers endpoints that are near
 * @param labels some setting prefers endpoints by labels
 * @param nodes some setting prefers endpoints on the same node, or takes no others
 */
record Preferences(boolean places, boolean labels, boolean nodes) {
  static Preferences of(MeshState state) {
    LocalityLoadBalancing mesh = state.mesh().locality();
    boolean places = !mesh.distribute().isEmpty();
    boolean labels = !mesh.failoverPriority().isEmpty();
    boolean nodes = namesNode(mesh);
    for (DestinationRule rule : state.snapshot().all(DestinationRule.class)) {
      List<TrafficPolicy> policies = policies(rule).toList();
      for (TrafficPolicy policy : policies) {
        places |= policy.outlierDetection().isPresent() || policy.locality().isPresent();
        labels |= policy.locality().filter(near -> !near.failoverPriority().isEmpty()).isPresent();
        nodes |= policy.locality().filter(Preferences::namesNode).isPresent();
      }
    }
    labels &= places;
    nodes &= places;
    for (MeshService service : state.services().services()) {
      places |= service.distribution() != TrafficDistribution.ANY;
      nodes |= asksForNodes(service);
    }
    return new Preferences(places, labels, nodes);
  }

  /** Whether the clients of a service see it by the node on which they are. */
  static boolean isByNode(MeshService service, Optional<DestinationRule> rule, MeshConfig mesh) {
    return asksForNodes(service)
        || namesNode(mesh.locality())
        || rule.stream()
            .flatMap(Preferences::policies)
            .flatMap(policy -> policy.locality().stream())
            .anyMatch(Preferences::namesNode);
  }

  private static boolean asksForNodes(MeshService service) {
    return service.nodeLocal() || service.distribution() == TrafficDistribution.SAME_NODE;
  }

  private static boolean namesNode(LocalityLoadBalancing near) {
    return near.failoverPriority().contains(Places.NODE);
  }

  private static Stream<TrafficPolicy> policies(DestinationRule rule) {
    return Stream.concat(
            rule.trafficPolicy().stream(),
            rule.subsets().stream().map(Subset::trafficPolicy).flatMap(Optional::stream))
        .flatMap(policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()));
  }
}
