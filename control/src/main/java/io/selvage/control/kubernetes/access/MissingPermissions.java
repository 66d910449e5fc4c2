package io.selvage.control.kubernetes.access;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a user may not do and must, with the command that grants it.
 *
 * @param user as the API server calls it, such as {@code
 *     system:serviceaccount:istio-system:selvage}
 * @param permissions empty when nothing is missing
 */
public record MissingPermissions(String user, List<Permission> permissions) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ACCOUNT = "system:serviceaccount:";
  private static final String API = "rbac.authorization.k8s.io";
  private static final String ROLE = "selvage-control";

  public MissingPermissions {
    permissions = List.copyOf(permissions);
  }

  /** Whether all is there. */
  public boolean isEmpty() {
    return permissions.isEmpty();
  }

  /** What the API server would refuse, one line for each. */
  public List<String> lines() {
    return permissions.stream()
        .map(permission -> "%s %s may not %s".formatted(PermissionCheck.MISSING, user, permission))
        .toList();
  }

  /**
   * The shell command that grants exactly that. It adds to what the roles of its names allow
   * already, can be run again, and needs no resource definition to be there.
   */
  public String grant() {
    List<Map<String, Object>> objects = new ArrayList<>();
    List<Permission> everywhere = those(permission -> permission.namespace().isEmpty());
    if (!everywhere.isEmpty()) {
      objects.addAll(roleAndBinding("ClusterRole", "", everywhere));
    }
    Map<String, List<Permission>> byNamespace =
        those(permission -> !permission.namespace().isEmpty()).stream()
            .collect(
                Collectors.groupingBy(
                    Permission::namespace, LinkedHashMap::new, Collectors.toList()));
    byNamespace.forEach(
        (namespace, some) -> objects.addAll(roleAndBinding("Role", namespace, some)));
    return objects.stream()
        .map(JSON::writeValueAsString)
        .collect(Collectors.joining("\n---\n", "kubectl auth reconcile -f - <<'EOF'\n", "\nEOF\n"));
  }

  private List<Permission> those(Predicate<Permission> wanted) {
    return permissions.stream().filter(wanted).toList();
  }

  private List<Map<String, Object>> roleAndBinding(
      String kind, String namespace, List<Permission> some) {
    Map<String, Object> role = object(kind, namespace);
    role.put("rules", some.stream().map(MissingPermissions::rule).toList());
    Map<String, Object> binding = object(kind + "Binding", namespace);
    binding.put("roleRef", sorted(Map.of("apiGroup", API, "kind", kind, "name", ROLE)));
    binding.put("subjects", List.of(subject()));
    return List.of(role, binding);
  }

  private static Map<String, Object> object(String kind, String namespace) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("name", ROLE);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("apiVersion", API + "/v1");
    object.put("kind", kind);
    object.put("metadata", metadata);
    return object;
  }

  private static Map<String, Object> rule(Permission permission) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("apiGroups", List.of(permission.group()));
    rule.put("resources", List.of(permission.resource()));
    if (!permission.name().isEmpty()) {
      rule.put("resourceNames", List.of(permission.name()));
    }
    rule.put("verbs", permission.verbs());
    return rule;
  }

  /** A user as the argument of {@code kubectl create clusterrolebinding}. */
  public static String asArgument(String user) {
    String[] account = account(user);
    return account.length == 2
        ? "--serviceaccount=%s:%s".formatted(account[0], account[1])
        : "--user='%s'".formatted(user.replace("'", "'\\''"));
  }

  /** Namespace and name of a ServiceAccount; of another length for anybody else. */
  private static String[] account(String user) {
    return user.startsWith(ACCOUNT)
        ? user.substring(ACCOUNT.length()).split(":", -1)
        : new String[0];
  }

  private Map<String, String> subject() {
    String[] account = account(user);
    return sorted(
        account.length == 2
            ? Map.of("kind", "ServiceAccount", "namespace", account[0], "name", account[1])
            : Map.of("kind", "User", "apiGroup", API, "name", user));
  }

  /** The same text each time. */
  private static Map<String, String> sorted(Map<String, String> fields) {
    return new TreeMap<>(fields);
  }
}
