package io.selvage.control.generate;

import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.LocalityLoadBalancing;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether it matters to anybody who and where a client is: where it does not, clients are alike.
 *
 * @param places some setting prefers endpoints that are near
 * @param labels some setting prefers endpoints by labels
 */
record Preferences(boolean places, boolean labels) {
  static Preferences of(MeshState state) {
    LocalityLoadBalancing mesh = state.mesh().locality();
    boolean places = !mesh.distribute().isEmpty();
    boolean labels = !mesh.failoverPriority().isEmpty();
    for (DestinationRule rule : state.snapshot().all(DestinationRule.class)) {
      List<TrafficPolicy> policies = policies(rule).toList();
      for (TrafficPolicy policy : policies) {
        places |= policy.outlierDetection().isPresent() || policy.locality().isPresent();
        labels |= policy.locality().filter(near -> !near.failoverPriority().isEmpty()).isPresent();
      }
    }
    return new Preferences(places, places && labels);
  }

  private static Stream<TrafficPolicy> policies(DestinationRule rule) {
    return Stream.concat(
            rule.trafficPolicy().stream(),
            rule.subsets().stream().map(Subset::trafficPolicy).flatMap(Optional::stream))
        .flatMap(policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()));
  }
}
