package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.model.AuthorizationPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A control plane that may do nothing at first, in a cluster without Istio's definitions. */
@Tag("real")
final class PermissionsTest {
  private static final String USER = "system:serviceaccount:istio-system:selvage";
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: p, namespace: default}
      spec: {action: DENY, rules: [{when: [{key: "source.namespace", values: ["x"]}]}]}
      """;

  @TempDir private Path home;
  private final Opened opened = new Opened();
  private Cluster cluster;
  private Replica replica;

  @BeforeEach
  void start() throws Exception {
    cluster = opened.add(Cluster.withoutDefinitions(home));
    cluster
        .client()
        .apply(
            "{apiVersion: v1, kind: ServiceAccount, metadata: {name: selvage, namespace: istio-system}}");
    replica =
        opened.add(
            Replica.begin(
                "one",
                cluster.connect(cluster.api().port(), "selvage", token()),
                TokenCheck.REVIEW));
  }

  private String token() throws Exception {
    return cluster
        .client()
        .token(
            "istio-system",
            "selvage",
            Map.of("audiences", List.of("https://kubernetes.default.svc")));
  }

  @AfterEach
  void stop() {
    opened.close();
  }

  /** What the control plane says while it isn't ready, from the command to its end. */
  private String grant() throws Exception {
    String text =
        Until.seen("what is missing is told", replica::readiness, now -> now.contains("SLV6001"));
    return text.substring(text.indexOf("kubectl auth reconcile"));
  }

  private void shell(String command) throws Exception {
    String path = Tool.peer("kubectl").getParent() + ":/usr/bin:/bin";
    Tool.run(
            Map.of("KUBECONFIG", cluster.api().kubeconfig().toString(), "PATH", path),
            List.of("sh", "-c", command))
        .well();
  }

  private boolean isTold(String code) {
    return replica.plane().snapshot().problems().stream()
        .anyMatch(problem -> problem.code().equals(code));
  }

  @Test
  void whatIsMissingIsToldGrantedByTheCommandAndEnough() throws Exception {
    String told =
        Until.seen("what is missing is told", replica::readiness, now -> now.contains("SLV6001"));
    assertThat(told)
        .startsWith("503")
        .contains(
            USER
                + " may not list, watch authorizationpolicies.security.istio.io at the cluster scope",
            USER + " may not create tokenreviews.authentication.k8s.io at the cluster scope",
            USER + " may not create secrets in the namespace istio-system");
    shell(grant());
    replica.awaitReady();

    // the definitions come later, and all that is done with them is allowed
    assertThat(isTold("SLV7221")).isTrue();
    cluster.define();
    Until.holds("no definition is missing any more", () -> !isTold("SLV7221"));
    JsonNode policy = Manifest.read(POLICY).getFirst();
    cluster.client().apply(List.of(policy));
    Until.seen(
        "the policy is there and judged",
        () -> cluster.client().get(policy).path("status").path("conditions").path(0),
        condition -> condition.path("status").asString("").equals("True"));
    assertThat(replica.plane().snapshot().all(AuthorizationPolicy.class)).hasSize(1);
    Until.holds("this replica leads", replica::leads);
    String map =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: default}}";
    cluster.client().apply(map.replace("}}", "}, data: {root-cert.pem: mine}}"));
    Until.seen(
        "the roots are right again",
        () -> cluster.get(map).path("data").path("root-cert.pem").asString(),
        replica.roots()::equals);
  }

  @Test
  void whereNobodyMayReadTheIssuerThatIsToldWithTheCommandThatGrantsIt() throws Exception {
    shell(grant());
    replica.awaitReady();
    shell("kubectl delete clusterrolebinding system:service-account-issuer-discovery");
    Replica byKeys =
        opened.add(
            Replica.begin(
                "two", cluster.connect(cluster.api().port(), "two", token()), TokenCheck.JWKS));
    String told =
        Until.seen(
            "what is missing is told",
            byKeys::readiness,
            now -> now.contains("/.well-known/openid-configuration"));
    assertThat(told)
        .startsWith("503")
        .contains("SLV6001 " + USER + " may not get /.well-known/openid-configuration");
    shell(told.substring(told.indexOf("kubectl create clusterrolebinding")));
    byKeys.awaitReady();
  }

  @Test
  void onePermissionThatIsTakenAwayIsTheOneThatIsNamed() throws Exception {
    shell(grant());
    replica.awaitReady();
    shell(
        "kubectl get clusterrole selvage-control -o json"
            + " | sed 's/\"pods\"/\"podz\"/' | kubectl replace -f -");
    var check =
        new PermissionCheck(cluster.connect(cluster.api().port(), "selvage-again", token()));
    MissingPermissions missing =
        Until.seen(
            "the permission is missing",
            () -> check.missing(Permission.needed("istio-system")),
            found -> !found.isEmpty());
    assertThat(missing.lines())
        .containsExactly("SLV6001 " + USER + " may not list, watch pods at the cluster scope");
    shell(missing.grant());
    Until.holds(
        "it is granted again", () -> check.missing(Permission.needed("istio-system")).isEmpty());
  }
}
