package io.selvage.doctor.evidence;

import java.util.Optional;
import java.util.stream.Stream;

/** The kinds of objects that are read, by their names in the API. */
public enum Kind {
  NAMESPACE("", "v1", "namespaces", "Namespace", false),
  POD("", "v1", "pods", "Pod", true),
  SERVICE("", "v1", "services", "Service", true),
  SERVICE_ACCOUNT("", "v1", "serviceaccounts", "ServiceAccount", true),
  CONFIG_MAP("", "v1", "configmaps", "ConfigMap", true),
  /** Of the control plane's namespace, gateways' and remote clusters'; certificates only. */
  SECRET("", "v1", "secrets", "Secret", true),
  NODE("", "v1", "nodes", "Node", false),
  ENDPOINT_SLICE("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true),
  DEPLOYMENT("apps", "v1", "deployments", "Deployment", true),
  STATEFUL_SET("apps", "v1", "statefulsets", "StatefulSet", true),
  DAEMON_SET("apps", "v1", "daemonsets", "DaemonSet", true),
  REPLICA_SET("apps", "v1", "replicasets", "ReplicaSet", true),
  LEASE("coordination.k8s.io", "v1", "leases", "Lease", true),
  EVENT("", "v1", "events", "Event", true),
  MUTATING_WEBHOOK(
      "admissionregistration.k8s.io",
      "v1",
      "mutatingwebhookconfigurations",
      "MutatingWebhookConfiguration",
      false),
  VALIDATING_WEBHOOK(
      "admissionregistration.k8s.io",
      "v1",
      "validatingwebhookconfigurations",
      "ValidatingWebhookConfiguration",
      false),
  CUSTOM_RESOURCE_DEFINITION(
      "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false),
  CLUSTER_ROLE("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
  CLUSTER_ROLE_BINDING(
      "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
  ROLE("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
  ROLE_BINDING("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
  AUTHORIZATION_POLICY(
      "security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy", true),
  PEER_AUTHENTICATION("security.istio.io", "v1", "peerauthentications", "PeerAuthentication", true),
  REQUEST_AUTHENTICATION(
      "security.istio.io", "v1", "requestauthentications", "RequestAuthentication", true),
  DESTINATION_RULE("networking.istio.io", "v1", "destinationrules", "DestinationRule", true),
  SERVICE_ENTRY("networking.istio.io", "v1", "serviceentries", "ServiceEntry", true),
  WORKLOAD_ENTRY("networking.istio.io", "v1", "workloadentries", "WorkloadEntry", true),
  GATEWAY("networking.istio.io", "v1", "gateways", "Gateway", true),
  VIRTUAL_SERVICE("networking.istio.io", "v1", "virtualservices", "VirtualService", true),
  SIDECAR("networking.istio.io", "v1", "sidecars", "Sidecar", true);

  private final String group;
  private final String version;
  private final String plural;
  private final String singular;
  private final boolean namespaced;

  Kind(String group, String version, String plural, String singular, boolean namespaced) {
    this.group = group;
    this.version = version;
    this.plural = plural;
    this.singular = singular;
    this.namespaced = namespaced;
  }

  /** The kind of that name ({@code kind} of an object); empty when none is read. */
  public static Optional<Kind> named(String singular) {
    return Stream.of(values()).filter(kind -> kind.singular.equals(singular)).findFirst();
  }

  /** The API group; empty for the core. */
  public String group() {
    return group;
  }

  public String version() {
    return version;
  }

  /** As in the API's paths. */
  public String plural() {
    return plural;
  }

  /** As in {@code kind}. */
  public String singular() {
    return singular;
  }

  public boolean isNamespaced() {
    return namespaced;
  }
}
