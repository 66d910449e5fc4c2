package io.selvage.control.kubernetes.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MissingPermissionsTest {
  private static final Permission PODS =
      new Permission(List.of("list", "watch"), "", "pods", "", "");
  private static final Permission SECRET =
      new Permission(List.of("get"), "", "secrets", "mesh", "cacerts");

  @Test
  void eachIsSaidAsTheApiServerWouldRefuseIt() {
    assertThat(new MissingPermissions("jane", List.of(PODS, SECRET)).lines())
        .containsExactly(
            "SLV6001 jane may not list, watch pods at the cluster scope",
            "SLV6001 jane may not get secrets \"cacerts\" in the namespace mesh");
  }

  @Test
  void theCommandGrantsExactlyThoseToTheServiceAccount() {
    assertThat(
            new MissingPermissions("system:serviceaccount:mesh:control", List.of(PODS, SECRET))
                .grant())
        .isEqualTo(
            """
            kubectl auth reconcile -f - <<'EOF'
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"selvage-control"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list","watch"]}]}
            ---
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"selvage-control"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"selvage-control"},"subjects":[{"kind":"ServiceAccount","name":"control","namespace":"mesh"}]}
            ---
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"selvage-control","namespace":"mesh"},"rules":[{"apiGroups":[""],"resources":["secrets"],"resourceNames":["cacerts"],"verbs":["get"]}]}
            ---
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"selvage-control","namespace":"mesh"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"selvage-control"},"subjects":[{"kind":"ServiceAccount","name":"control","namespace":"mesh"}]}
            EOF
            """);
  }

  @Test
  void aUserIsAnArgumentOfTheShell() {
    assertThat(MissingPermissions.asArgument("system:serviceaccount:mesh:control"))
        .isEqualTo("--serviceaccount=mesh:control");
    assertThat(MissingPermissions.asArgument("o'neil")).isEqualTo("--user='o'\\''neil'");
  }

  @Test
  void aUserThatIsNoServiceAccountIsNamedAsAUser() {
    assertThat(new MissingPermissions("jane", List.of(PODS)).grant())
        .contains(
            "\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\",\"name\":\"jane\"}]");
  }
}
