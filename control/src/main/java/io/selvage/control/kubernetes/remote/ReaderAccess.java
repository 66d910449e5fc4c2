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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The ServiceAccount by which the control planes of its neighbours read a cluster, with what they
 * need of it and nothing more: they read, and have tokens reviewed.
 *
 * @param namespace the control plane's
 * @param reader whose control planes they are
 */
record ReaderAccess(String namespace, Reader reader) {
  private static final Map<String, String> LABELS = Map.of("app", "selvage");
  private static final List<String> READ = List.of("list", "watch");

  /** An istiod does not begin without. */
  private static final List<Permission> ISTIOD =
      List.of(
          new Permission(READ, "", "secrets", "", ""),
          new Permission(READ, "networking.istio.io", "workloadentries", "", ""),
          new Permission(READ, "apiextensions.k8s.io", "customresourcedefinitions", "", ""));

  private static final String API = "rbac.authorization.k8s.io";

  /** All objects, in the order in which they can be written. */
  List<HasMetadata> objects() {
    List<Permission> all = new ArrayList<>(Permission.neededOfNeighbour(namespace));
    if (reader == Reader.ISTIOD) {
      all.addAll(ISTIOD);
    }
    return List.of(
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(reader.account())
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .build(),
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName(reader.account())
            .withLabels(LABELS)
            .endMetadata()
            .withRules(rules(all, ""))
            .build(),
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(reader.account())
            .withLabels(LABELS)
            .endMetadata()
            .withNewRoleRef(API, "ClusterRole", reader.account())
            .addNewSubject("", "ServiceAccount", reader.account(), namespace)
            .build(),
        new RoleBuilder()
            .withNewMetadata()
            .withName(reader.account())
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .withRules(rules(all, namespace))
            .build(),
        new RoleBindingBuilder()
            .withNewMetadata()
            .withName(reader.account())
            .withNamespace(namespace)
            .withLabels(LABELS)
            .endMetadata()
            .withNewRoleRef(API, "Role", reader.account())
            .addNewSubject("", "ServiceAccount", reader.account(), namespace)
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
