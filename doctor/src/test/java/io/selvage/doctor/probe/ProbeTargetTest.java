package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixtures;
import org.junit.jupiter.api.Test;

/** Whom probes ask. */
final class ProbeTargetTest {
  @Test
  void portsOfWorkloadsWithASidecarAreAskedThroughTheirServicesEachOnce() {
    assertThat(ProbeTarget.of(Fixtures.istio().cluster()))
        .isNotEmpty()
        .doesNotHaveDuplicates()
        .allSatisfy(
            target -> {
              assertThat(target.port()).isPositive();
              assertThat(target.servicePort()).isPositive();
              assertThat(target.authority()).contains(".svc:");
            });
  }
}
