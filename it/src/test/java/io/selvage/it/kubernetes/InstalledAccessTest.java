package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The roles that an installation makes, by the API server's own account of what the control plane
 * asked for: they are enough, and there is no rule that could be left out.
 */
@Tag("real")
final class InstalledAccessTest {
  private static final String USER = "system:serviceaccount:istio-system:selvage";
  private static final String RBAC = "apiVersion: rbac.authorization.k8s.io/v1, ";
  private static final String VALIDATOR =
      "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata:"
          + " {name: selvage-validator}}";
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: p, namespace: default}
      spec: {action: DENY, rules: [{when: [{key: "source.namespace", values: ["x"]}]}]}
      """;

  @TempDir static Path home;
  private static final Opened ALL = new Opened();
  private static AuditLog audit;
  private static Cluster cluster;

  @BeforeAll
  static void install() throws Exception {
    audit = new AuditLog(home.resolve("audit"), USER);
    cluster = ALL.add(Cluster.withoutDefinitions(home, audit.flags()));
    Path admin = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    CommandRun ran = CommandRun.of(admin, "install", "--no-wait");
    assertThat(ran.exit()).as("%s", ran).isZero();
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static KubernetesClient asInstalled(String name) throws Exception {
    String token =
        cluster
            .client()
            .token(
                "istio-system",
                "selvage",
                Map.of("audiences", List.of("https://kubernetes.default.svc")));
    return cluster.connect(cluster.api().port(), name, token);
  }

  @Test
  void theyAreEnoughForAllThatTheControlPlaneDoes() throws Exception {
    var opened = new Opened();
    try {
      Replica replica = opened.add(Replica.start("one", asInstalled("selvage"), TokenCheck.REVIEW));
      Until.holds("this replica leads", replica::leads);
      Until.seen(
          "the caBundle is there",
          () -> bundle(cluster.get(VALIDATOR)),
          bundle -> !bundle.isEmpty());
      cluster.client().delete(Manifest.read(VALIDATOR)); // nothing answers it here
      cluster.client().apply(POLICY);
      Until.seen(
          "the policy is judged",
          () -> cluster.get(POLICY).path("status").path("conditions").path(0),
          condition -> condition.path("status").asString("").equals("True"));
      String map =
          "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: default}}";
      cluster.client().apply(map.replace("}}", "}, data: {root-cert.pem: mine}}"));
      Until.seen(
          "the roots are right again",
          () -> cluster.get(map).path("data").path("root-cert.pem").asString(),
          replica.roots()::equals);
    } finally {
      opened.close();
    }
    assertThat(audit.forbidden()).isEmpty();
    Set<String> beyond = audit.done();
    beyond.removeAll(allowed());
    assertThat(beyond)
        .as("what every user may do")
        .isSubsetOf(
            "create authorization.k8s.io/selfsubjectaccessreviews",
            "create authentication.k8s.io/selfsubjectreviews");
  }

  private static Set<String> allowed() {
    Set<String> all = new TreeSet<>();
    for (Permission permission : Permission.needed("istio-system")) {
      permission
          .verbs()
          .forEach(verb -> all.add(AuditLog.deed(verb, permission.group(), permission.resource())));
    }
    return all;
  }

  private static String bundle(JsonNode webhooks) {
    return webhooks.path("webhooks").path(0).path("clientConfig").path("caBundle").asString("");
  }

  @Test
  void withoutAnyOneRuleThePermissionsThatItGivesAreMissedAndNamed() throws Exception {
    var check = new PermissionCheck(asInstalled("checked"));
    List<Permission> needed = Permission.needed("istio-system");
    Until.holds("nothing is missing", () -> check.missing(needed).isEmpty());
    int rules = 0;
    for (String role :
        List.of(
            "{" + RBAC + "kind: ClusterRole, metadata: {name: selvage-control}}",
            "{" + RBAC + "kind: Role, metadata: {name: selvage-control, namespace: istio-system}}",
            "{" + RBAC + "kind: Role, metadata: {name: selvage-control, namespace: default}}")) {
      ObjectNode whole = (ObjectNode) cluster.get(role);
      ((ObjectNode) whole.path("metadata")).remove(List.of("managedFields", "resourceVersion"));
      for (int i = 0; i < whole.path("rules").size(); i++, rules++) {
        JsonNode rule = whole.path("rules").path(i);
        ObjectNode less = whole.deepCopy();
        ((ArrayNode) less.path("rules")).remove(i);
        cluster.client().apply(List.of(less));
        List<Permission> concerned =
            needed.stream().filter(permission -> isIn(permission, rule)).toList();
        List<String> lines =
            Until.seen(
                    "something is missing without " + rule,
                    () -> check.missing(concerned),
                    missing -> !missing.isEmpty())
                .lines();
        assertThat(lines).allMatch(line -> line.startsWith("SLV6001 " + USER + " may not "));
        cluster.client().apply(List.of(whole));
        Until.holds("it is granted again", () -> check.missing(concerned).isEmpty());
      }
    }
    assertThat(rules).isGreaterThan(20);
    assertThat(check.missing(needed).isEmpty()).isTrue();
  }

  @Test
  void whatIsMissingIsGrantedByTheCommandIntoTheInstalledRole() throws Exception {
    var check = new PermissionCheck(asInstalled("granted"));
    List<Permission> needed = Permission.needed("istio-system");
    Until.holds("nothing is missing", () -> check.missing(needed).isEmpty());
    String role = "{" + RBAC + "kind: ClusterRole, metadata: {name: selvage-control}}";
    JsonNode whole = cluster.get(role);
    cluster.client().apply(role.replace("}}", "}, rules: []}"));
    String grant =
        Until.seen(
                "all of the role is missing",
                () -> check.missing(needed),
                missing -> missing.permissions().size() > 20)
            .grant();
    assertThat(grant).contains("\"selvage-control\"", "\"ServiceAccount\"");
    String path = Tool.peer("kubectl").getParent() + ":/usr/bin:/bin";
    Tool.run(
            Map.of("KUBECONFIG", cluster.api().kubeconfig().toString(), "PATH", path),
            List.of("sh", "-c", grant))
        .well();
    Until.holds("it is granted", () -> check.missing(needed).isEmpty());
    assertThat(cluster.get(role).path("metadata").path("uid"))
        .as("it is the installed role")
        .isEqualTo(whole.path("metadata").path("uid"));
  }

  private static boolean isIn(Permission permission, JsonNode rule) {
    return rule.path("apiGroups").path(0).asString().equals(permission.group())
        && rule.path("resources")
            .valueStream()
            .anyMatch(r -> r.asString().equals(permission.resource()))
        && rule.path("resourceNames").path(0).asString("").equals(permission.name());
  }
}
