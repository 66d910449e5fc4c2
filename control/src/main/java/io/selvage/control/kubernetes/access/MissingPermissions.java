package io.selvage.control.kubernetes.access;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a user may not do and must, with the commands that grant it.
 *
 * @param user as the API server calls it, such as {@code system:serviceaccount:istio-system:selvage}
 * @param permissions empty when nothing is missing
 */
public record MissingPermissions(String user, List<Permission> permissions) {
  private static final String ACCOUNT = "system:serviceaccount:";
  private static final String APPLY = " --dry-run=client -o yaml | kubectl auth reconcile -f -";

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
        .map(
            permission ->
                "%s %s may not %s".formatted(PermissionCheck.MISSING, user, permission))
        .toList();
  }

  /**
   * The shell commands that grant exactly that. Each adds to what a role of its name allows already
   * and can be run again.
   */
  public List<String> grants() {
    Map<String, List<Permission>> byRole = new LinkedHashMap<>();
    for (Permission permission : permissions) {
      byRole.computeIfAbsent(role(permission), role -> new ArrayList<>()).add(permission);
    }
    List<String> commands = new ArrayList<>();
    byRole.forEach((role, granted) -> commands.addAll(grant(role, granted)));
    return commands;
  }

  /** Permissions of one role differ in nothing but the resource. */
  private static String role(Permission permission) {
    String name = permission.name().isEmpty() ? "" : ":" + permission.name();
    String place = permission.namespace().isEmpty() ? "" : ":" + permission.namespace();
    return "selvage:" + String.join("-", permission.verbs()) + name + place;
  }

  private List<String> grant(String role, List<Permission> granted) {
    Permission any = granted.getFirst();
    boolean everywhere = any.namespace().isEmpty();
    String kind = everywhere ? "clusterrole" : "role";
    String where = everywhere ? "" : " -n " + any.namespace();
    String name = any.name().isEmpty() ? "" : " --resource-name=" + any.name();
    String resources =
        String.join(",", granted.stream().map(Permission::qualifiedResource).toList());
    return List.of(
        "kubectl create %s %s%s --verb=%s --resource=%s%s%s"
            .formatted(kind, role, where, String.join(",", any.verbs()), resources, name, APPLY),
        "kubectl create %sbinding %s%s --%s=%s --%s%s"
            .formatted(kind, role, where, kind, role, subject(), APPLY));
  }

  private String subject() {
    return user.startsWith(ACCOUNT)
        ? "serviceaccount=" + user.substring(ACCOUNT.length())
        : "user=" + user;
  }
}
