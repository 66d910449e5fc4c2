package io.selvage.model;

/** One object of configuration, in Istio's or Kubernetes' API, read and found valid by itself. */
public sealed interface Resource
    permits AuthorizationPolicy,
        PeerAuthentication,
        RequestAuthentication,
        DestinationRule,
        ServiceEntry,
        WorkloadEntry,
        Gateway,
        Sidecar,
        Service,
        EndpointSlice,
        Namespace,
        ServiceAccount,
        MeshConfig {

  ObjectMeta meta();

  /** The API's name of the kind, such as {@code AuthorizationPolicy}. */
  default String kind() {
    return getClass().getSimpleName();
  }
}
