package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static ServiceEndpoint weighing(int weight) {
    return new ServiceEndpoint(
        "10.0.0.1",
        80,
        weight,
        "",
        "",
        "",
        Map.of(),
        "shop",
        "",
        false,
        ClusterLoadAssignment.Workload.UNKNOWN);
  }

  @Test
  void whatFitsIsLeftAsItIs() {
    List<ServiceEndpoint> endpoints = List.of(weighing(3), weighing(1_000_000));
    assertThat(Weights.bounded(endpoints)).isSameAs(endpoints);
  }

  @Test
  void sharesStayInProportion() {
    List<ServiceEndpoint> bounded =
        Weights.bounded(List.of(weighing(2_000_000_000), weighing(1_000_000_000), weighing(1)));
    assertThat(bounded.get(0).weight() / (double) bounded.get(1).weight()).isBetween(1.99, 2.01);
    assertThat(bounded.get(2).weight()).isEqualTo(1);
  }

  @Property
  void togetherTheyCanBeAddedAndNobodyHasNothing(
      @ForAll @Size(max = 500) List<@IntRange(min = 1, max = Integer.MAX_VALUE) Integer> weights,
      @ForAll @IntRange(min = 1, max = 1 << 20) int scale) {
    List<Weights.Weighed> scaled =
        Weights.bounded(weights.stream().map(WeightsTest::weighing).toList()).stream()
            .map(one -> new Weights.Weighed(one, (long) one.weight() * scale))
            .toList();
    List<ServiceEndpoint> all = Weights.of(scaled);
    assertThat(all).hasSize(weights.size()).allMatch(one -> one.weight() >= 1);
    assertThat(all.stream().mapToLong(ServiceEndpoint::weight).sum())
        .isLessThanOrEqualTo(Weights.MOST);
  }
}
