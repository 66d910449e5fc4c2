package io.selvage.cli.state;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How a running mesh stands: the answer to {@code selvage status}, and with {@code -o json} its
 * contract.
 *
 * @param apiVersion {@value #API_VERSION}
 * @param isolation how workloads are kept apart
 * @param isolationReason why so
 * @param troubles what is amiss with workloads' certificates or their way to the control plane
 */
public record MeshStatus(
    String apiVersion,
    String mesh,
    long pid,
    Instant startedAt,
    String isolation,
    String isolationReason,
    List<Cluster> clusters,
    List<Workload> workloads,
    List<String> troubles) {

  /** Of every JSON document that commands print. */
  public static final String API_VERSION = "selvage.dev/v1";

  public MeshStatus {
    clusters = List.copyOf(clusters);
    workloads = List.copyOf(workloads);
    troubles = List.copyOf(troubles);
  }

  /** Whether nothing needs a look. */
  public boolean healthy() {
    return troubles.isEmpty()
        && clusters.stream().allMatch(c -> c.problems().isEmpty())
        && workloads.stream().allMatch(Workload::healthy);
  }

  /**
   * One cluster.
   *
   * @param ca the CA's profile
   * @param roots subjects and ends of the roots that are trusted
   * @param generation of the configuration in force
   * @param metrics where Prometheus finds the proxies' figures; empty where there is no proxy
   * @param controlPlaneMetrics where it finds those of the control plane
   * @param warnings what was taken but does something other than its author may think
   * @param problems refused resources with their places, and NACKs; empty when all is well
   */
  public record Cluster(
      String name,
      String trustDomain,
      String ca,
      List<String> roots,
      long generation,
      String metrics,
      String controlPlaneMetrics,
      List<String> warnings,
      List<String> problems) {
    public Cluster {
      roots = List.copyOf(roots);
      warnings = List.copyOf(warnings);
      problems = List.copyOf(problems);
    }
  }

  /**
   * One workload.
   *
   * @param identity its SPIFFE id
   * @param labels what selectors see
   * @param process {@code running}, {@code ended (status N)}, or {@code yours} when Selvage did not
   *     start it
   * @param certificateEnds the epoch when there is none yet
   * @param proxy {@code ready}, or what it waits for
   */
  public record Workload(
      String cluster,
      String namespace,
      String name,
      String identity,
      String address,
      Map<String, String> labels,
      String process,
      int restarts,
      Instant certificateEnds,
      String proxy) {
    public Workload {
      labels = Map.copyOf(labels);
    }

    /** Whether process and proxy are as they should be. */
    public boolean healthy() {
      return !process.startsWith("ended") && proxy.equals("ready");
    }
  }
}
