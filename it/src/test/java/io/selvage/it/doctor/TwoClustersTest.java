package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A mesh of two clusters is broken in one way: the doctor, given both, finds that and nothing else;
 * the same from a bundle; what it tells heals it; and then it is silent again, as it was at first.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 400, unit = TimeUnit.SECONDS)
final class TwoClustersTest {
  private static final Opened OPENED = new Opened();

  @AfterAll
  static void stop() {
    OPENED.close();
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer istio() throws Exception {
    return each(Patient.Mesh.ISTIO);
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer selvage() throws Exception {
    return each(Patient.Mesh.SELVAGE);
  }

  private static DynamicContainer each(Patient.Mesh mesh) throws Exception {
    PatientPair pair = OPENED.add(PatientPair.with(mesh));
    return InTurn.of(
        mesh,
        Stream.concat(
            Stream.of(
                DynamicTest.dynamicTest(
                    "nothing is said of a mesh that is whole", () -> silent(pair, Instant.EPOCH))),
            PairBreakages.all().stream()
                .filter(one -> one.meshes().contains(mesh))
                .map(
                    one ->
                        DynamicTest.dynamicTest(
                            one.code() + ": " + one.what(), () -> breakAndHeal(pair, one)))));
  }

  private static void silent(PatientPair pair, Instant since) throws Exception {
    Until.seen(
        "the doctor is silent",
        () -> Patient.open(Patient.examine(pair.look(since))),
        Set::isEmpty);
  }

  private static void breakAndHeal(PatientPair pair, PairBreakage breakage) throws Exception {
    Instant begun = pair.now();
    try {
      breakage.breaks().on(pair);
      Evidence broken =
          Until.seen(
                  "the doctor says " + breakage.expected(),
                  () -> BreakAndHealTest.Seen.of(pair.look(begun)),
                  seen -> seen.open().equals(breakage.expected()))
              .evidence();
      Diagnosis diagnosis = Patient.examine(broken);
      assertThat(Patient.examine(pair.bundled(broken)).results())
          .as("the same from a bundle")
          .usingRecursiveComparison()
          .isEqualTo(diagnosis.results());
    } finally {
      breakage.heals().on(pair); // also when it was not found: the next begins with a whole mesh
    }
    silent(pair, pair.now());
  }
}
