package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.access.Permission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules of a Role from the permissions that the control plane asks for, and no more. */
final class Rules {
  private Rules() {}

  /** What may be one rule: the same verbs on the same names of one API group. */
  private record Alike(List<String> verbs, String group, String name) {}

  /**
   * The rules of the Role in a namespace.
   *
   * @param namespace empty for the ClusterRole
   */
  static List<Map<String, Object>> of(List<Permission> permissions, String namespace) {
    Map<Alike, List<String>> resources = new LinkedHashMap<>();
    for (Permission permission : permissions) {
      if (permission.namespace().equals(namespace)) {
        resources
            .computeIfAbsent(
                new Alike(permission.verbs(), permission.group(), permission.name()),
                _ -> new ArrayList<>())
            .add(permission.resource());
      }
    }
    List<Map<String, Object>> rules = new ArrayList<>();
    resources.forEach((alike, plurals) -> rules.add(rule(alike, plurals)));
    return rules;
  }

  private static Map<String, Object> rule(Alike alike, List<String> plurals) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("apiGroups", List.of(alike.group()));
    rule.put("resources", plurals);
    if (!alike.name().isEmpty()) {
      rule.put("resourceNames", List.of(alike.name()));
    }
    rule.put("verbs", alike.verbs());
    return rule;
  }
}
