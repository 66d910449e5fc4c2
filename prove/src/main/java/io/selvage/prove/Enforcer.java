package io.selvage.prove;

/** What enforces policies on a workload, which says which policies count and how. */
public enum Enforcer {
  /** A proxy beside each of its Pods. */
  SIDECAR,
  /**
   * The workload is a proxy that takes connections of its own, for the mesh or out of it. Its
   * servers say what its ports speak and whom they ask for a certificate; no PeerAuthentication
   * does.
   */
  GATEWAY,
  /** As a gateway, for callers that come by the mesh's tunnel, which is always mTLS. */
  WAYPOINT,
  /** The node's proxy of connections, for a workload of an ambient mesh. */
  ZTUNNEL,
  /** Nothing: it takes plaintext of anybody. */
  NONE
}
