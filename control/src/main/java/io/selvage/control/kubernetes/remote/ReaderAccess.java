package io.selvage.control.kubernetes.remote;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.selvage.control.kubernetes.access.Permission;
import java.util.List;
import java.util.Map;

/**
 * The ServiceAccount {@code selvage-reader} of a cluster, with what the control planes of its
 * neighbours need of it and nothing more: they read, and have tokens reviewed.
 *
 * @param namespace the control plane's
 */
record ReaderAccess(String namespace) {
  /** Of the ServiceAccount, the roles and their bindings. */
  static final String NAME = "selvage-reader";

  private static final Map<String, String> LABELS = Map.of("app", "selvage");
  private static final String API = "rbac.authorization.k8s.io";

  /** All objects, in the order in which they can be written. */
  List<HasMetadata> objects() {
    List<Permission> all = Permission.neededOfNeighbour(namespace);
    return List.of(
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .build(),
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withLabels(LABELS)
            .endMetadata()
            .withRules(rules(all, ""))
            .build(),
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withLabels(LABELS)
            .endMetadata()
            .withNewRoleRef(API, "ClusterRole", NAME)
            .addNewSubject("", "ServiceAccount", NAME, namespace)
            .build(),
        new RoleBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .withRules(rules(all, namespace))
            .build(),
        new RoleBindingBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .withNewRoleRef(API, "Role", NAME)
            .addNewSubject("", "ServiceAccount", NAME, namespace)
            .build());
  }

  private static List<PolicyRule> rules(List<Permission> all, String where) {
    return all.stream()
        .filter(permission -> permission.namespace().equals(where))
        .map(
            permission ->
                new PolicyRuleBuilder()
                    .withApiGroups(permission.group())
                    .withResources(permission.resource())
                    .withResourceNames(
                        permission.name().isEmpty() ? List.of() : List.of(permission.name()))
                    .withVerbs(permission.verbs())
                    .build())
        .toList();
  }
}
