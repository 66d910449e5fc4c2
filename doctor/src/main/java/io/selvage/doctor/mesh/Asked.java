package io.selvage.doctor.mesh;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Optional;

/** Whether there is something here that a check can be asked about; if not, it is said. */
public final class Asked {
  private Asked() {}

  /** The mesh, whosever. SKIP without one, UNKNOWN when that could not be seen. */
  public static Optional<Flavour> mesh(ClusterEvidence cluster, Results results) {
    Optional<Flavour> found = Need.of(cluster.flavour(), "which mesh this is", results);
    if (found.isPresent() && found.get().kind() == Flavour.Kind.NONE) {
      results.skip("there is no mesh here");
      return Optional.empty();
    }
    return found;
  }

  /** The mesh of a Kubernetes cluster: SKIP also for the one on this machine. */
  public static Optional<Flavour> inKubernetes(ClusterEvidence cluster, Results results) {
    Optional<Flavour> found = mesh(cluster, results);
    if (found.isPresent() && found.get().kind() == Flavour.Kind.LOCAL) {
      results.skip("a mesh on one machine has none of this");
      return Optional.empty();
    }
    return found;
  }

  /**
   * The control planes that run as Deployments in the cluster. SKIP when Google runs it, or a
   * cluster elsewhere: there is nothing of it to be looked at here.
   */
  public static List<ControlPlane> controlPlanes(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = inKubernetes(cluster, results);
    if (flavour.isEmpty()) {
      return List.of();
    }
    if (flavour.get().kind() == Flavour.Kind.ASM_MANAGED) {
      results.skip("Google runs this control plane: it has neither Pods nor logs here");
      return List.of();
    }
    List<ControlPlane> planes = ControlPlane.of(cluster, flavour.get());
    if (planes.isEmpty()) {
      results.skip("the control plane runs outside of this cluster");
    }
    return planes;
  }

  /** An ASM, in the cluster or managed; SKIP for every other mesh. */
  public static Optional<Flavour> asm(ClusterEvidence cluster, Results results) {
    Optional<Flavour> found = mesh(cluster, results);
    if (found.isPresent()
        && found.get().kind() != Flavour.Kind.ASM
        && found.get().kind() != Flavour.Kind.ASM_MANAGED) {
      results.skip("this is not Anthos Service Mesh");
      return Optional.empty();
    }
    return found;
  }
}
