package io.selvage.doctor.evidence;

import java.util.List;
import java.util.Optional;

/**
 * Which mesh this is.
 *
 * @param kind whose
 * @param version of the control plane, as it says itself; empty when it does not
 * @param namespace the control plane's, also the root namespace of policies
 * @param revisions its revisions, {@code default} among them; at least one when there is a mesh
 * @param trustDomain as the mesh's configuration has it; empty when that could not be seen
 */
public record Flavour(
    Kind kind, String version, String namespace, List<Revision> revisions, String trustDomain) {

  /** Whose control plane. */
  public enum Kind {
    SELVAGE,
    ISTIO,
    /** Anthos Service Mesh with istiod in the cluster. */
    ASM,
    /** Anthos Service Mesh whose control plane Google runs: it has no Pods or logs here. */
    ASM_MANAGED,
    /** Selvage's mesh on this machine, without Kubernetes. */
    LOCAL,
    /** No mesh was found. */
    NONE
  }

  /**
   * One control plane of possibly several.
   *
   * @param deployment the control plane's, in the flavour's namespace; empty when it runs outside
   * @param service what proxies and the API server call
   * @param serviceAccount that it runs as; empty when unknown
   */
  public record Revision(
      String name, String deployment, String service, Optional<String> serviceAccount) {}
}
