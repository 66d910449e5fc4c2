package io.selvage.cli.command;

import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.fix.ClusterHand;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Where evidence comes from: live clusters or the mesh on this machine. */
interface DoctorSource extends DoctorLook, AutoCloseable {
  /**
   * Looks at everything, and probes if that was asked for.
   *
   * @param progress is told what is being looked at, from several threads
   */
  @Override
  Evidence look(Consumer<String> progress) throws IOException, InterruptedException;

  /** What mends the cluster of that context. */
  ClusterHand hand(String context);

  /** Removes what probes left behind; says what goes. */
  List<String> cleanUp();

  @Override
  void close();
}
