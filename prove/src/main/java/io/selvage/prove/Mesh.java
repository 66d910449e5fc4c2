package io.selvage.prove;

import io.selvage.model.MeshSnapshot;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One side of a question: the policies of each cluster, and the workloads of all.
 *
 * @param name what a user calls it: {@code main:mesh/}
 * @param clusters by name; one alone may be named {@code ""}
 * @param workloads no two of one cluster, namespace and name
 */
public record Mesh(
    String name, Map<String, MeshSnapshot> clusters, List<ProvedWorkload> workloads) {
  public Mesh {
    clusters = Collections.unmodifiableMap(new LinkedHashMap<>(clusters));
    workloads = List.copyOf(workloads);
    Set<String> names = new HashSet<>();
    for (ProvedWorkload workload : workloads) {
      if (!clusters.containsKey(workload.cluster())) {
        throw new IllegalArgumentException(
            "%s is of cluster \"%s\", which is unknown"
                .formatted(workload.qualifiedName(), workload.cluster()));
      }
      if (!names.add(workload.qualifiedName())) {
        throw new IllegalArgumentException(workload.qualifiedName() + " is there twice");
      }
    }
  }

  /** A mesh of one cluster. */
  public static Mesh of(String name, MeshSnapshot snapshot, List<ProvedWorkload> workloads) {
    return new Mesh(name, Map.of("", snapshot), workloads);
  }

  /** The policies that hold for a workload. */
  public MeshSnapshot snapshotOf(ProvedWorkload workload) {
    MeshSnapshot snapshot = clusters.get(workload.cluster());
    return snapshot == null ? MeshSnapshot.EMPTY : snapshot;
  }
}
