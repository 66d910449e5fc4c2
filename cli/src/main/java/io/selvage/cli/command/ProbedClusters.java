package io.selvage.cli.command;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.probe.ProbeFindings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Probes several clusters at once. */
final class ProbedClusters {
  private static final long CLEANUP_SECONDS = 30;

  private ProbedClusters() {}

  /** What is known while the probes are under way. */
  static Evidence unfinished(Evidence seen) {
    ProbeFindings none =
        ProbeFindings.none(Look.unseen("the time was up before the probes were done"));
    return new Evidence(
        seen.taken(), seen.since(), seen.clusters().stream().map(none::into).toList());
  }

  /** Probes one cluster. */
  @FunctionalInterface
  interface Probing {
    /** The cluster with what probes showed of it. */
    ClusterEvidence probed(ClusterEvidence cluster) throws InterruptedException;
  }

  /**
   * The same evidence with what probes showed.
   *
   * @throws InterruptedException when it is stopped, after all have removed what they made
   */
  static Evidence of(Evidence seen, Probing probing) throws InterruptedException {
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      List<Future<ClusterEvidence>> coming = new ArrayList<>();
      seen.clusters().forEach(cluster -> coming.add(threads.submit(() -> probing.probed(cluster))));
      List<ClusterEvidence> probed = new ArrayList<>();
      for (Future<ClusterEvidence> one : coming) {
        probed.add(one.get());
      }
      return new Evidence(seen.taken(), seen.since(), probed);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException own ? own : new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
      var _ = threads.awaitTermination(CLEANUP_SECONDS, TimeUnit.SECONDS);
    }
  }
}
