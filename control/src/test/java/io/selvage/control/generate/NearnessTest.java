package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.LocalityLoadBalancing;
import io.selvage.model.LocalityLoadBalancing.Distribute;
import io.selvage.model.LocalityLoadBalancing.Failover;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a client in {@code r1/z1/s1} prefers. */
class NearnessTest {
  private static final String HERE = "r1/z1/s1";

  private static ServiceEndpoint at(String place) {
    return new ServiceEndpoint(
        "10.0.0." + (1 + Math.floorMod(place.hashCode(), 200)),
        80,
        1,
        "east",
        "",
        place,
        Map.of("version", place.startsWith("r1") ? "v1" : "v2"),
        "shop",
        "web",
        true,
        ClusterLoadAssignment.Workload.UNKNOWN);
  }

  private static List<String> preferred(Nearness nearness, String... places) {
    return nearness.of(List.of(places).stream().map(NearnessTest::at).toList()).stream()
        .map(group -> group.place() + "=" + group.priority() + "*" + group.weight())
        .toList();
  }

  private static Nearness with(LocalityLoadBalancing setting, boolean failover) {
    return new Nearness(setting, HERE, Map.of("version", "v1"), failover);
  }

  @Test
  void nearOnesComeFirstWhereFailureIsNoticed() {
    assertThat(
            preferred(
                with(LocalityLoadBalancing.DEFAULT, true),
                HERE,
                "r1/z1/s2",
                "r1/z2/s1",
                "r2/z1/s1"))
        .containsExactly(HERE + "=0*1", "r1/z1/s2=1*1", "r1/z2/s1=2*1", "r2/z1/s1=3*1");
    assertThat(preferred(with(LocalityLoadBalancing.DEFAULT, true), "r2/z1/s1", "r1/z2/s1"))
        .as("without gaps")
        .containsExactly("r1/z2/s1=0*1", "r2/z1/s1=1*1");
  }

  @Test
  void allAreTheSameWhereItIsNot() {
    assertThat(preferred(with(LocalityLoadBalancing.DEFAULT, false), HERE, "r2/z1/s1"))
        .containsExactly(HERE + "=0*1", "r2/z1/s1=0*1");
  }

  @Test
  void theRegionThatIsNamedIsNext() {
    var setting =
        new LocalityLoadBalancing(true, List.of(), List.of(new Failover("r1", "r3")), List.of());
    assertThat(preferred(with(setting, true), HERE, "r2/z/s", "r3/z/s"))
        .containsExactly(HERE + "=0*1", "r2/z/s=2*1", "r3/z/s=1*1");
  }

  @Test
  void sharesCountForTheFirstEntryOfTheClientsPlace() {
    var setting =
        new LocalityLoadBalancing(
            true,
            List.of(
                new Distribute("r9/*", Map.of("r1/*", 100)),
                new Distribute("r1/z1/*", Map.of("r1/z1/*", 80, "r1/z2/*", 20))),
            List.of(),
            List.of());
    assertThat(preferred(with(setting, false), HERE, "r1/z2/s1", "r2/z1/s1"))
        .as("r2 is not named")
        .containsExactlyInAnyOrder(HERE + "=0*80", "r1/z2/s1=0*20");
  }

  @Test
  void clientsThatDifferInWhatDoesNotCountPreferTheSame() {
    var byZone =
        new LocalityLoadBalancing(
            true, List.of(), List.of(), List.of("topology.kubernetes.io/zone", "app=web"));
    Map<String, String> labels = Map.of("topology.kubernetes.io/zone", "z1", "app", "a");
    assertThat(Nearness.of(byZone, HERE, labels, true))
        .isEqualTo(
            Nearness.of(
                byZone, "r1/z1/s2", Map.of("topology.kubernetes.io/zone", "z1", "x", "y"), true))
        .isNotEqualTo(Nearness.of(byZone, HERE, Map.of("topology.kubernetes.io/zone", "z2"), true));
    assertThat(Nearness.of(LocalityLoadBalancing.DEFAULT, HERE, labels, true))
        .isEqualTo(Nearness.of(LocalityLoadBalancing.DEFAULT, HERE, Map.of(), true))
        .isNotEqualTo(Nearness.of(LocalityLoadBalancing.DEFAULT, "r1/z1/s2", labels, true));
  }

  @Test
  void labelsMayBeWhatCounts() {
    var setting = new LocalityLoadBalancing(true, List.of(), List.of(), List.of("version", "app"));
    assertThat(preferred(with(setting, true), "r2/z/s", HERE))
        .containsExactly(HERE + "=0*1", "r2/z/s=1*1");
    var named = new LocalityLoadBalancing(true, List.of(), List.of(), List.of("version=v2"));
    assertThat(preferred(with(named, true), "r2/z/s", HERE))
        .containsExactly(HERE + "=1*1", "r2/z/s=0*1");
  }
}
