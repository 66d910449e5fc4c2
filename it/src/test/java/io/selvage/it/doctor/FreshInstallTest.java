package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The doctor has nothing to say against a mesh that was just installed, ours or Istio's. */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 400, unit = TimeUnit.SECONDS)
final class FreshInstallTest {
  @ParameterizedTest
  @EnumSource(Patient.Mesh.class)
  void aFreshInstallGivesNoFalseAlarm(Patient.Mesh mesh) throws Exception {
    try (Patient patient = Patient.with(mesh, FreshInstallTest::withoutMesh)) {
      Evidence evidence = patient.look(Instant.EPOCH);
      ClusterEvidence seen = evidence.clusters().getFirst();
      assertThat(seen.flavour().map(Flavour::kind))
          .isEqualTo(Look.seen(Flavour.Kind.valueOf(mesh.name())));
      assertThat(seen.metrics()).isInstanceOf(Look.Seen.class);
      assertThat(seen.proxies().found().orElseThrow())
          .hasSizeGreaterThanOrEqualTo(2)
          .allSatisfy(
              proxy -> {
                assertThat(proxy.configDump()).isInstanceOf(Look.Seen.class);
                assertThat(proxy.certificates()).isInstanceOf(Look.Seen.class);
                assertThat(proxy.sync()).isInstanceOf(Look.Seen.class);
              });
      assertThat(seen.handshakes().found().orElseThrow())
          .isNotEmpty()
          .allSatisfy(one -> assertThat(one.outcome()).isInstanceOf(Look.Seen.class));
      Diagnosis diagnosis = Patient.examine(evidence);
      assertThat(diagnosis.results())
          .filteredOn(one -> one.status() == Status.FAIL || one.status() == Status.WARN)
          .isEmpty();
    }
  }

  /** The wrong context, perhaps: that there is no mesh is all that is said. */
  private static void withoutMesh(Patient patient) {
    assertThat(Patient.open(Patient.examine(patient.look(Instant.EPOCH))))
        .containsExactly("SLV0003");
  }
}
