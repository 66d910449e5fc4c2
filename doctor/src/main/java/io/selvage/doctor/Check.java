package io.selvage.doctor;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;

/** A question about a mesh, answered by what was seen of it and nothing else. */
public sealed interface Check {
  CheckInfo info();

  /** Asked of each cluster by itself. */
  record OfCluster(CheckInfo info, ClusterQuestion question) implements Check {}

  /** Asked once, of all clusters together. */
  record OfMesh(CheckInfo info, MeshQuestion question) implements Check {}

  /** Says at least one thing to {@code results}: PASS when all is well. */
  @FunctionalInterface
  interface ClusterQuestion {
    void ask(ClusterEvidence cluster, Results results);
  }

  /** Says at least one thing to {@code results}: SKIP when there is only one cluster. */
  @FunctionalInterface
  interface MeshQuestion {
    void ask(Evidence evidence, Results results);
  }
}
