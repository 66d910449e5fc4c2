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

  /**
   * The same, and tells what was seen so far, for the case that the time is up before all is.
   *
   * @param soFar is given more and more, from several threads; may never be called
   */
  default Evidence look(Consumer<String> progress, Consumer<Evidence> soFar)
      throws IOException, InterruptedException {
    return look(progress);
  }
}
