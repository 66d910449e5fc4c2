package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Optional;

/**
 * A kind of object that a mesh is configured with, as a Kubernetes API serves it.
 *
 * <p>They are read as they are, not through classes made from a schema: fields that only the API
 * server knows must reach the one strict reader of {@code model}.
 */
public enum WatchedKind {
  /** {@code security.istio.io}. */
  AUTHORIZATION_POLICY("security.istio.io", "AuthorizationPolicy", "authorizationpolicies"),
  PEER_AUTHENTICATION("security.istio.io", "PeerAuthentication", "peerauthentications"),
  REQUEST_AUTHENTICATION("security.istio.io", "RequestAuthentication", "requestauthentications"),
  /** {@code networking.istio.io}. */
  DESTINATION_RULE("networking.istio.io", "DestinationRule", "destinationrules"),
  SERVICE_ENTRY("networking.istio.io", "ServiceEntry", "serviceentries"),
  WORKLOAD_ENTRY("networking.istio.io", "WorkloadEntry", "workloadentries"),
  GATEWAY("networking.istio.io", "Gateway", "gateways"),
  SIDECAR("networking.istio.io", "Sidecar", "sidecars"),
  /** Kubernetes' own. */
  SERVICE("", "Service", "services"),
  ENDPOINT_SLICE("discovery.k8s.io", "EndpointSlice", "endpointslices"),
  NAMESPACE("", "Namespace", "namespaces"),
  SERVICE_ACCOUNT("", "ServiceAccount", "serviceaccounts");

  /** What is read of another cluster, as an istiod's reader may. */
  public static final List<WatchedKind> OF_NEIGHBOUR = List.of(SERVICE, ENDPOINT_SLICE, NAMESPACE);

  private final String group;
  private final String kind;
  private final String plural;

  WatchedKind(String group, String kind, String plural) {
    this.group = group;
    this.kind = kind;
    this.plural = plural;
  }

  /** The API group; empty for Kubernetes' core. */
  public String group() {
    return group;
  }

  /** As in an object's {@code kind}. */
  public String kind() {
    return kind;
  }

  /** As in paths and in rules of RBAC. */
  public String plural() {
    return plural;
  }

  /** Whether a CustomResourceDefinition has to be there, and the objects have a status. */
  public boolean isCustom() {
    return group.endsWith(".istio.io");
  }

  /** The name of its CustomResourceDefinition. */
  public String definition() {
    return plural + "." + group;
  }

  /** The versions that are understood, the best first. */
  List<String> versions() {
    return group.equals("networking.istio.io")
        ? List.of("v1", "v1beta1", "v1alpha3")
        : isCustom() ? List.of("v1", "v1beta1") : List.of("v1");
  }

  ResourceDefinitionContext context(String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(this != NAMESPACE)
        .build();
  }

  /** Whether it is one of Istio's kinds that a mesh is configured with. */
  public static boolean isCustom(String group, String kind) {
    return of(kind).filter(one -> one.isCustom() && one.group.equals(group)).isPresent();
  }

  /** The kind of that name. */
  static Optional<WatchedKind> of(String kind) {
    return java.util.Arrays.stream(values()).filter(each -> each.kind.equals(kind)).findFirst();
  }
}
