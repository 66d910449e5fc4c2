package io.selvage.it.doctor;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The tests of one mesh, one after the other, beside those of the other mesh: each waits for its
 * own clusters most of the time.
 */
final class InTurn {
  private InTurn() {}

  static DynamicContainer of(Patient.Mesh mesh, Stream<DynamicTest> tests) {
    return DynamicContainer.dynamicContainer(
        all ->
            all.displayName(mesh.name())
                .childExecutionMode(ExecutionMode.SAME_THREAD)
                .children(tests));
  }
}
