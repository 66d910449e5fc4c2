package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Arrays;

/** A kind of object that an installation consists of. */
public enum ObjectKind {
  NAMESPACE("", "v1", "Namespace", "namespaces", false),
  CUSTOM_RESOURCE_DEFINITION(
      "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false),
  SERVICE_ACCOUNT("", "v1", "ServiceAccount", "serviceaccounts", true),
  CLUSTER_ROLE("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false),
  CLUSTER_ROLE_BINDING(
      "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false),
  ROLE("rbac.authorization.k8s.io", "v1", "Role", "roles", true),
  ROLE_BINDING("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true),
  SECRET("", "v1", "Secret", "secrets", true),
  LEASE("coordination.k8s.io", "v1", "Lease", "leases", true),
  CONFIG_MAP("", "v1", "ConfigMap", "configmaps", true),
  SERVICE("", "v1", "Service", "services", true),
  DEPLOYMENT("apps", "v1", "Deployment", "deployments", true),
  POD_DISRUPTION_BUDGET("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
  MUTATING_WEBHOOK(
      "admissionregistration.k8s.io",
      "v1",
      "MutatingWebhookConfiguration",
      "mutatingwebhookconfigurations",
      false),
  VALIDATING_WEBHOOK(
      "admissionregistration.k8s.io",
      "v1",
      "ValidatingWebhookConfiguration",
      "validatingwebhookconfigurations",
      false),
  CLUSTER_TRUST_BUNDLE(
      "certificates.k8s.io", "v1beta1", "ClusterTrustBundle", "clustertrustbundles", false),
  GATEWAY("networking.istio.io", "v1", "Gateway", "gateways", true);

  private final String group;
  private final String version;
  private final String kind;
  private final String plural;
  private final boolean namespaced;

  ObjectKind(String group, String version, String kind, String plural, boolean namespaced) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.plural = plural;
    this.namespaced = namespaced;
  }

  /**
   * The kind of an object.
   *
   * @throws IllegalArgumentException when no installation has such objects
   */
  static ObjectKind of(String apiVersion, String kind) {
    return Arrays.stream(values())
        .filter(each -> each.kind.equals(kind) && each.apiVersion().equals(apiVersion))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no kind " + apiVersion + " " + kind));
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

  /** The name of the CustomResourceDefinition that it would have. */
  String definition() {
    return plural + "." + group;
  }

  /** Whether its objects are in namespaces. */
  public boolean isNamespaced() {
    return namespaced;
  }

  String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  ResourceDefinitionContext context() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(namespaced)
        .build();
  }
}
