package io.selvage.cli.command;

import io.selvage.doctor.evidence.Evidence;
import java.io.IOException;
import java.util.function.Consumer;

/** A look at a mesh. */
@FunctionalInterface
interface DoctorLook {
  /**
   * Looks.
   *
   * @param progress is told what is being looked at
   */
  Evidence look(Consumer<String> progress) throws IOException, InterruptedException;
}
