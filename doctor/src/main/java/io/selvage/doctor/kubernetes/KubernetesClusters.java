package io.selvage.doctor.kubernetes;

import io.selvage.doctor.cloud.CloudSource;
import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    return collect(progress, _ -> {});
  }

  /**
   * The same, and tells what was seen so far: the objects of a cluster first, then the rest of it.
   *
   * @param soFar is given all clusters each time, from several threads one after the other; what
   *     was not read yet is unseen
   */
  public Evidence collect(Consumer<String> progress, Consumer<Evidence> soFar) {
    SoFar known = new SoFar(soFar);
    try (Parallel parallel = new Parallel()) {
      List<ClusterEvidence> seen =
          parallel.each(
              clusters,
              api -> {
                ClusterEvidence all =
                    new KubernetesCollector(api, settings, clock, cloud)
                        .collect(
                            what -> progress.accept(api.context() + ": " + what),
                            some -> known.put(api, some));
                known.put(api, all);
                return all;
              });
      Instant taken = clock.instant();
      return new Evidence(taken, settings.since(), seen);
    }
  }

  /** What is known of each cluster until now. */
  private final class SoFar {
    private final Map<ClusterApi, ClusterEvidence> byCluster = new LinkedHashMap<>();
    private final Consumer<Evidence> told;

    SoFar(Consumer<Evidence> told) {
      this.told = told;
      for (ClusterApi api : clusters) {
        byCluster.put(api, new KubernetesCollector(api, settings, clock, cloud).unread());
      }
    }

    synchronized void put(ClusterApi api, ClusterEvidence seen) {
      byCluster.put(api, seen);
      told.accept(new Evidence(clock.instant(), settings.since(), List.copyOf(byCluster.values())));
    }
  }
}
