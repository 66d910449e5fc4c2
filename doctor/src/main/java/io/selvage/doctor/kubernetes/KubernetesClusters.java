package io.selvage.doctor.kubernetes;

import io.selvage.doctor.cloud.CloudSource;
import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;

/** Looks at several clusters at once. */
public final class KubernetesClusters {
  private final List<ClusterApi> clusters;
  private final KubernetesCollector.Settings settings;
  private final InstantSource clock;
  private final CloudSource cloud;

  /** Those that are given, in that order, without asking a cloud. */
  public KubernetesClusters(
      List<? extends ClusterApi> clusters,
      KubernetesCollector.Settings settings,
      InstantSource clock) {
    this(clusters, settings, clock, CloudSource.NONE);
  }

  /**
   * Those that are given, in that order.
   *
   * @param cloud asked where a mesh is a cloud's
   */
  public KubernetesClusters(
      List<? extends ClusterApi> clusters,
      KubernetesCollector.Settings settings,
      InstantSource clock,
      CloudSource cloud) {
    this.cloud = cloud;
    this.clusters = List.copyOf(clusters);
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Looks at all; one that does not answer keeps no other from being seen.
   *
   * @param progress is told what is being looked at, from several threads
   */
  public Evidence collect(Consumer<String> progress) {
    try (Parallel parallel = new Parallel()) {
      List<ClusterEvidence> seen =
          parallel.each(
              clusters,
              api ->
                  new KubernetesCollector(api, settings, clock, cloud)
                      .collect(what -> progress.accept(api.context() + ": " + what)));
      Instant taken = clock.instant();
      return new Evidence(taken, settings.since(), seen);
    }
  }
}
