package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.doctor.RunningMesh;
import io.selvage.cli.state.MeshState;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.fix.ClusterHand;
import io.selvage.doctor.local.LocalCollector;
import io.selvage.doctor.local.LocalMesh;
import io.selvage.doctor.local.LocalProber;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.doctor.probe.Prober;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The mesh on this machine. Its configuration is a folder of the user's: only its owner mends it.
 */
final class DoctorLocal implements DoctorSource {
  private final MeshState state;
  private final Duration since;
  private final Optional<ProbeRequest> probes;
  private final Optional<Conversation> conversation;
  private final InstantSource clock = InstantSource.system();

  /**
   * The mesh of that state.
   *
   * @param probes empty when no request is to be sent
   */
  DoctorLocal(
      MeshState state,
      Duration since,
      Optional<ProbeRequest> probes,
      Optional<Conversation> conversation) {
    this.state = state;
    this.since = since;
    this.probes = probes;
    this.conversation = conversation;
  }

  @Override
  public Evidence look(Consumer<String> progress) throws InterruptedException {
    return look(progress, _ -> {});
  }

  @Override
  public Evidence look(Consumer<String> progress, Consumer<Evidence> soFar)
      throws InterruptedException {
    var mesh = new RunningMesh(state, MeshChoice.directory());
    Evidence seen = new LocalCollector(mesh, clock.instant().minus(since), clock).collect(progress);
    if (probes.isEmpty()) {
      return seen;
    }
    soFar.accept(ProbedClusters.unfinished(seen));
    return probed(mesh, seen, probes.get(), progress);
  }

  private Evidence probed(
      LocalMesh mesh, Evidence seen, ProbeRequest request, Consumer<String> progress)
      throws InterruptedException {
    Prober prober = new LocalProber(mesh, MeshStart.keys(), new SecureRandom());
    return ProbedClusters.of(
        seen,
        cluster ->
            (conversation.isPresent()
                    ? prober.converse(cluster, conversation.get())
                    : prober.probe(
                        cluster, request, what -> progress.accept(cluster.context() + ": " + what)))
                .into(cluster));
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
