package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.doctor.RunningMesh;
import io.selvage.cli.state.MeshState;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.fix.ClusterHand;
import io.selvage.doctor.local.LocalCollector;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;

/**
 * The mesh on this machine. Its configuration is a folder of the user's: only its owner mends it.
 */
final class DoctorLocal implements DoctorSource {
  private final MeshState state;
  private final Duration since;
  private final InstantSource clock = InstantSource.system();

  DoctorLocal(MeshState state, Duration since) {
    this.state = state;
    this.since = since;
  }

  @Override
  public Evidence look(Consumer<String> progress) {
    return new LocalCollector(
            new RunningMesh(state, MeshChoice.directory()), clock.instant().minus(since), clock)
        .collect(progress);
  }

  @Override
  public ClusterHand hand(String context) {
    throw new UserError(
        ExitCode.USAGE,
        "the mesh on this machine is a folder of files: what is to be mended is written there");
  }

  @Override
  public List<String> cleanUp() {
    return List.of();
  }

  @Override
  public void close() {
    // nothing is held
  }
}
