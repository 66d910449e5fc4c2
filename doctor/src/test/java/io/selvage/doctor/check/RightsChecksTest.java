package io.selvage.doctor.check;

import static io.selvage.doctor.check.AccessChecksTest.deployment;
import static io.selvage.doctor.check.AccessChecksTest.plane;
import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fix;
import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.AccessAnswer;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class RightsChecksTest {
  @TestFactory
  Stream<DynamicTest> theControlPlaneMayDoItsWork() {
    return Broken.onBoth(
        passes("it may", "SLV6001", "all given to system:serviceaccount:istio-system:", f -> {}),
        fails(
            "it may not list Pods",
            "SLV6001",
            "cannot list pods",
            f ->
                f.denied(
                    one ->
                        one.verb().equals("list")
                            && one.resource().equals("pods")
                            && one.name().isEmpty())),
        fails(
            "the log says of something else that it is forbidden",
            "SLV6001",
            "cannot list jobs.batch (5x in 60 min",
            RightsChecksTest::forbidden),
        unknown(
            "nobody may ask",
            "SLV6001",
            "subjectaccessreviews is forbidden",
            f -> f.access = Look.unseen("create subjectaccessreviews is forbidden")),
        unknown(
            "nobody asked about this account",
            "SLV6001",
            "the API server was not asked",
            f -> f.access = Look.seen(List.of())));
  }

  private static void forbidden(Fixture fixture) {
    for (int i = 1; i <= 5; i++) {
      fixture.log(
          Fixtures.NOW.minus(Duration.ofMinutes(6 - i)),
          "error\tklog\tFailed to watch: jobs.batch is forbidden: User"
              + " \"system:serviceaccount:istio-system:%s\" cannot list resource"
                  .formatted(plane(fixture))
              + " \"jobs\" in API group \"batch\" at the cluster scope");
    }
  }

  @Test
  void aMissingRightIsAddedToTheRoleThatIsThere() {
    var fixture = Fixtures.istio();
    fixture.denied(one -> one.resource().equals("customresourcedefinitions"));
    var found =
        Fixtures.diagnosis(fixture.evidence()).results().stream()
            .filter(one -> one.code().equals("SLV6001"))
            .findFirst()
            .orElseThrow();
    assertThat(found.summary())
        .isEqualTo("istiod cannot get, list, watch customresourcedefinitions.apiextensions.k8s.io");
    assertThat(found.effect())
        .get()
        .asString()
        .contains("istiod does not learn which of its kinds");
    var patch = (Fix.Patch) found.fix().orElseThrow();
    assertThat(patch.object().name()).isEqualTo("istiod-clusterrole-istio-system");
    assertThat(patch.patch().toString())
        .isEqualTo(
            "[{\"op\":\"add\",\"path\":\"/rules/-\",\"value\":{\"apiGroups\":[\"apiextensions.k8s.io\"],"
                + "\"resources\":[\"customresourcedefinitions\"],\"verbs\":[\"get\",\"list\",\"watch\"]}}]");
  }

  @TestFactory
  Stream<DynamicTest> theAccountIsBound() {
    return Broken.onBoth(
        passes("it is", "SLV6002", "which is bound", f -> {}),
        fails(
            "the Deployment runs as another",
            "SLV6002",
            "runs as ServiceAccount istiod-service-account, which no binding of its role names",
            f -> {
              f.with(
                  "{apiVersion: v1, kind: ServiceAccount, metadata: {name: istiod-service-account,"
                      + " namespace: istio-system}}");
              runsAs("istiod-service-account").accept(f);
            }),
        fails(
            "the account is gone",
            "SLV6002",
            "which is not there",
            f -> f.without(Kind.SERVICE_ACCOUNT, "istio-system", plane(f))),
        unknown(
            "bindings may not be read",
            "SLV6002",
            "clusterrolebindings",
            f -> f.unseen(Kind.CLUSTER_ROLE_BINDING)));
  }

  /** And the API server is asked about that account, which may do all, by whatever means. */
  private static Consumer<Fixture> runsAs(String account) {
    return f -> {
      deployment(json -> json.withObject("/spec/template/spec").put("serviceAccountName", account))
          .accept(f);
      f.access =
          f.access.map(
              all ->
                  all.stream()
                      .map(
                          one ->
                              new AccessAnswer(
                                  "system:serviceaccount:istio-system:" + account,
                                  one.verb(),
                                  one.group(),
                                  one.resource(),
                                  one.namespace(),
                                  one.name(),
                                  true,
                                  ""))
                      .toList());
    };
  }

  @TestFactory
  Stream<DynamicTest> rolesExist() {
    return Broken.onBoth(
        passes("they do", "SLV6003", "all to roles that exist", f -> {}),
        fails(
            "a ClusterRole is gone",
            "SLV6003",
            "which is not there",
            f -> f.without(Kind.CLUSTER_ROLE, "", role(f))),
        unknown("roles may not be read", "SLV6003", "roles", f -> f.unseen(Kind.ROLE)));
  }

  private static String role(Fixture fixture) {
    return plane(fixture).equals("istiod") ? "istiod-clusterrole-istio-system" : "selvage-control";
  }

  @Test
  void anotherBindingOfTheAccountIsNotEnough() {
    var fixture = Fixtures.istio();
    fixture.with(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: istiod-gateway-controller-istio-system}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: istiod-gateway-controller-istio-system}
        subjects: [{kind: ServiceAccount, name: istiod, namespace: istio-system}]
        """);
    fixture.change(
        Kind.CLUSTER_ROLE_BINDING,
        "",
        "istiod-clusterrole-istio-system",
        json ->
            ((ObjectNode) json.at("/subjects/0")).put("name", "istiod-service-account"));
    var found =
        Fixtures.diagnosis(fixture.evidence()).results().stream()
            .filter(one -> one.code().equals("SLV6002"))
            .findFirst()
            .orElseThrow();
    assertThat(found.status()).isEqualTo(Status.FAIL);
    assertThat(found.evidence())
        .anyMatch(
            fact ->
                fact.text()
                    .contains(
                        "istiod-clusterrole-istio-system names"
                            + " istio-system/istiod-service-account"));
    assertThat(found.fix()).get().isInstanceOf(Fix.Patch.class);
  }

  @Test
  void whatTheLogForbidsStandsBesideWhatTheApiServerDenies() {
    var fixture = Fixtures.istio();
    fixture.denied(one -> one.resource().equals("customresourcedefinitions"));
    forbidden(fixture);
    assertThat(Fixtures.diagnosis(fixture.evidence()).results())
        .filteredOn(one -> one.code().equals("SLV6001"))
        .singleElement()
        .satisfies(
            one ->
                assertThat(one.evidence())
                    .anyMatch(
                        fact -> fact.text().equals("also forbidden, 5 times: list jobs.batch")));
  }

  @Test
  void rulesAreComparedWhereTheApiServerMayNotBeAsked() {
    var fixture = Fixtures.istio();
    fixture.access = Look.unseen("create subjectaccessreviews is forbidden");
    assertThat(Fixtures.diagnosis(fixture.evidence()).open()).isEmpty();
    fixture.change(
        Kind.CLUSTER_ROLE, "", "istiod-clusterrole-istio-system", json -> json.putArray("rules"));
    assertThat(Fixtures.diagnosis(fixture.evidence()).open()).containsExactly("SLV6003");
  }

  @TestFactory
  Stream<DynamicTest> googlesAgentHoldsItsRole() {
    return Broken.onIstio(
            skips("Google runs it", "SLV6001", "Google runs", AccessChecksTest::managed),
            skips("not of ASM", "SLV6004", "not Anthos Service Mesh", f -> {}),
            skips("not of ASM", "SLV6005", "not Anthos Service Mesh", f -> {}),
            unknown("no credentials", "SLV6004", "no credentials", RightsChecksTest::asm),
            unknown("no credentials", "SLV6005", "no credentials", RightsChecksTest::asm),
            passes(
                "by the runbook's role",
                "SLV6004",
                "service-7@gcp-sa-meshdataplane.iam.gserviceaccount.com holds",
                cloud("roles/meshdataplane.serviceAgent", "gcp-sa-meshdataplane")),
            passes(
                "by the installer's role",
                "SLV6004",
                "service-7@gcp-sa-servicemesh.iam.gserviceaccount.com holds",
                cloud("roles/anthosservicemesh.serviceAgent", "gcp-sa-servicemesh")),
            fails(
                "the role is another agent's",
                "SLV6004",
                "lacks roles/meshdataplane.serviceAgent",
                cloud("roles/meshdataplane.serviceAgent", "gcp-sa-servicemesh")),
            fails(
                "a node pool is without workload identity",
                "SLV6005",
                "NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED",
                f -> {
                  cloud("roles/meshdataplane.serviceAgent", "gcp-sa-meshdataplane").accept(f);
                  f.cloud = f.cloud.map(RightsChecksTest::condition);
                }));
  }

  private static void asm(Fixture fixture) {
    fixture.flavour =
        fixture.flavour.map(
            is ->
                new Flavour(
                    Flavour.Kind.ASM,
                    is.version(),
                    is.namespace(),
                    is.revisions(),
                    is.trustDomain()));
  }

  private static Consumer<Fixture> cloud(String role, String domain) {
    return f -> {
      asm(f);
      f.cloud =
          Look.seen(
              JsonMapper.shared()
                  .readTree(
                      """
                      {"project": "p", "projectNumber": "7", "services": ["mesh.googleapis.com"],
                       "iamPolicy": {"bindings": [{"role": "%s",
                         "members": ["serviceAccount:service-7@%s.iam.gserviceaccount.com"]}]}}
                      """
                          .formatted(role, domain)));
    };
  }

  private static JsonNode condition(JsonNode cloud) {
    var copy = (ObjectNode) cloud.deepCopy();
    copy.withObject("/mesh/servicemesh")
        .putArray("conditions")
        .addObject()
        .put("code", "NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED")
        .put("severity", "ERROR")
        .put("details", "one or more node pools have it disabled");
    return copy;
  }

  @TestFactory
  Stream<DynamicTest> notEverybodyRewritesTheMesh() {
    return Broken.onBoth(
        passes("nobody is everybody", "SLV6006", "nobody is everybody", f -> {}),
        fails(
            "every Pod may patch webhooks",
            "SLV6006",
            "Group system:serviceaccounts may patch mutatingwebhookconfigurations",
            f ->
                f.with(
                    """
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: ClusterRole
                    metadata: {name: wide}
                    rules: [{apiGroups: [admissionregistration.k8s.io], resources: ["*"], verbs: [patch]}]
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: ClusterRoleBinding
                    metadata: {name: wide}
                    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: wide}
                    subjects: [{kind: Group, name: "system:serviceaccounts", apiGroup: rbac.authorization.k8s.io}]
                    """)),
        unknown("roles may not be read", "SLV6006", "roles", f -> f.unseen(Kind.ROLE)));
  }
}
