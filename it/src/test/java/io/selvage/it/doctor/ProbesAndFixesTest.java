package io.selvage.it.doctor;

import io.selvage.it.stage.Opened;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Probes and fixes in whole clusters, of a mesh of ours and of a real Istio: what holds is proved
 * by traffic, what is broken is found, and nothing stays of the probes; what is mended can be
 * undone.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 400, unit = TimeUnit.SECONDS)
final class ProbesAndFixesTest {
  private static final Opened OPENED = new Opened();

  @AfterAll
  static void end() {
    OPENED.close();
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer istio() throws Exception {
    return tests(Patient.Mesh.ISTIO);
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer selvage() throws Exception {
    return tests(Patient.Mesh.SELVAGE);
  }

  private static DynamicContainer tests(Patient.Mesh mesh) throws Exception {
    Patient patient = OPENED.add(Patient.with(mesh));
    var probed = new Probed(patient);
    return InTurn.of(
        mesh,
        Stream.of(
                new PoliciesOnTrial(patient).tests(),
                probed.tests(),
                new ProbedBroken(patient).tests())
            .flatMap(tests -> tests));
  }
}
