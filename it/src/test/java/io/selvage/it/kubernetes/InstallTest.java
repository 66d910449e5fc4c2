package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code selvage install}, {@code upgrade}, {@code uninstall} and {@code manifest} on a real API
 * server on which nothing runs: what they say, write and leave.
 */
@Tag("real")
final class InstallTest {
  private static final String DEPLOYMENT =
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: selvage, namespace: istio-system}}";
  private static final String GATEWAY_DEPLOYMENT =
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: istio-eastwestgateway, namespace:"
          + " istio-system}}";
  private static final String GATEWAY =
      "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: cross-network-gateway,"
          + " namespace: istio-system}}";
  private static final String BUDGET =
      "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: selvage, namespace:"
          + " istio-system}}";
  private static final String INJECTOR =
      "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata:"
          + " {name: selvage-sidecar-injector}}";
  private static final String SECRET =
      "{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: istio-system}}";

  private static final String SETTINGS = "trustDomain: of.revision";

  @TempDir static Path home;
  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static Path kubeconfig;

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.withoutDefinitions(home));
    kubeconfig = cluster.kubeconfig(cluster.api().port(), "east", cluster.api().adminToken());
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @AfterEach
  void takeOut() {
    selvage("uninstall", "--purge", "--yes");
  }

  private static CommandRun selvage(String command, String... arguments) {
    return CommandRun.of(kubeconfig, command, arguments);
  }

  private static CommandRun install(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--no-wait"));
    all.addAll(List.of(arguments));
    return selvage("install", all.toArray(String[]::new));
  }

  private static Tool.Ran kubectl(String... arguments) {
    List<String> line = new ArrayList<>(List.of(Tool.peer("kubectl").toString()));
    line.addAll(List.of(arguments));
    return Tool.run(Map.of("KUBECONFIG", kubeconfig.toString()), line);
  }

  private static boolean isThere(String manifest) throws Exception {
    try {
      cluster.get(manifest);
      return true;
    } catch (KubeClient.Refused e) {
      assertThat(e.status()).isEqualTo(404);
      return false;
    }
  }

  @Test
  void aDryRunShowsThePlanAndDoesNothing() throws Exception {
    CommandRun ran = install("--dry-run");
    assertThat(ran.exit()).isZero();
    assertThat(ran.out())
        .contains("no CA: one will be made")
        .contains("create     CustomResourceDefinition authorizationpolicies.security.istio.io")
        .contains("create     Deployment istio-system/selvage")
        .contains("left       Namespace istio-system")
        .contains("to create");
    assertThat(isThere(DEPLOYMENT)).isFalse();
  }

  @Test
  void aGatewayBetweenNetworksIsMadeWithItsKindAndGoesOnWithoutBeingNamed() throws Exception {
    CommandRun nowhere = install("--gateway");
    assertThat(nowhere.exit()).isEqualTo(ExitCode.USAGE);
    assertThat(nowhere.err()).contains("--network");

    CommandRun made = install("--gateway", "--network", "net-a");
    assertThat(made.exit()).as("%s", made).isZero();
    assertThat(isThere(GATEWAY)).isTrue();
    assertThat(isThere(GATEWAY_DEPLOYMENT)).isTrue();

    CommandRun again = install("--image", "registry.example/selvage:2");
    assertThat(again.exit()).as("%s", again).isZero();
    assertThat(
            cluster.get(GATEWAY_DEPLOYMENT).at("/spec/template/spec/containers/0/image").asString())
        .isEqualTo("registry.example/selvage:2");
  }

  @Test
  void whatIsInstalledIsLeftAndSettingsThatAreNotGivenStay() throws Exception {
    assertThat(install("--replicas", "3", "--set", "memory=300Mi").exit()).isZero();
    assertThat(isThere(BUDGET)).isTrue();

    CommandRun again = install();
    assertThat(again.exit()).isZero();
    assertThat(again.out())
        .contains("Nothing to change.")
        .doesNotContain("  create ", "  change ", "  delete ");

    CommandRun fewer = install("--replicas", "1");
    assertThat(fewer.exit()).isZero();
    assertThat(fewer.out())
        .contains("spec.replicas:", "- 3", "+ 1")
        .contains("delete     PodDisruptionBudget istio-system/selvage")
        .doesNotContain("resources");
    assertThat(isThere(BUDGET)).isFalse();
    JsonNode container =
        cluster
            .get(DEPLOYMENT)
            .path("spec")
            .path("template")
            .path("spec")
            .path("containers")
            .path(0);
    assertThat(container.path("resources").path("requests").path("memory").asString())
        .isEqualTo("300Mi");
  }

  @Test
  void whatAnotherHasSetIsAConflictUntilItIsTakenOver() throws Exception {
    install();
    kubectl("-n", "istio-system", "scale", "deployment/selvage", "--replicas=5").well();
    CommandRun refused = install();
    assertThat(refused.exit()).isEqualTo(ExitCode.FINDINGS);
    assertThat(refused.out())
        .contains("conflict   Deployment istio-system/selvage")
        .contains(".spec.replicas: conflict with \"kubectl\"")
        .contains("SLV7253");
    assertThat(cluster.get(DEPLOYMENT).path("spec").path("replicas").asInt()).isEqualTo(5);
    assertThat(install("--force-conflicts").exit()).isZero();
    assertThat(cluster.get(DEPLOYMENT).path("spec").path("replicas").asInt()).isEqualTo(1);
  }

  @Test
  void theCaBundleThatTheControlPlaneKeepsIsNotTouched() throws Exception {
    install();
    String bundle =
        Base64.getEncoder().encodeToString(Files.readAllBytes(cluster.api().certificate()));
    kubectl(
            "patch",
            "mutatingwebhookconfiguration",
            "selvage-sidecar-injector",
            "--field-manager=selvage-control",
            "--patch",
            """
            {"webhooks": [{"name": "namespace.sidecar-injector.selvage.io", "clientConfig": {"caBundle": "%s"}}]}
            """
                .formatted(bundle))
        .well();
    assertThat(install("--set", "istioLabels=no").exit()).isZero();
    JsonNode after = cluster.get(INJECTOR).path("webhooks");
    assertThat(after.size()).isEqualTo(3);
    assertThat(after.path(0).path("clientConfig").path("caBundle").asString()).isEqualTo(bundle);
  }

  @Test
  void theManifestIsWhatKubectlAppliesAndInstallFindsNothingToDo() throws Exception {
    Path file = home.resolve("manifest.yaml");
    String[] place = {"--namespace", "by-kubectl", "--set", "istioLabels=no"};
    CommandRun manifest = selvage("manifest", place);
    assertThat(manifest.exit()).isZero();
    Files.writeString(file, manifest.out());
    kubectl("apply", "-f", file.toString()).well();
    try {
      CommandRun install = install(place);
      assertThat(install.exit()).as("%s", install).isZero();
      assertThat(install.out()).contains("Nothing to change.");
    } finally {
      selvage("uninstall", "--namespace", "by-kubectl", "--purge", "--yes");
    }
  }

  @Test
  void aClusterHasOneSelvage() throws Exception {
    install();
    CommandRun second = install("--namespace", "second");
    assertThat(second.exit()).as("%s", second).isEqualTo(1);
    assertThat(second.out()).contains("SLV7268", "--namespace istio-system");
    CommandRun uninstall = selvage("uninstall", "--namespace", "second", "--yes");
    assertThat(uninstall.exit()).isEqualTo(1);
    assertThat(uninstall.out()).contains("SLV7268", "--namespace istio-system");
    assertThat(cluster.get(INJECTOR).path("webhooks").path(0).path("clientConfig").toString())
        .contains("istio-system");
    assertThat(kubectl("get", "namespace", "-o", "name").well().out()).doesNotContain("second");
  }

  @Test
  void settingsOfARevisionOfIstioAreToBeCopiedFirst() throws Exception {
    kubectl("create", "namespace", "revised").well();
    kubectl("-n", "revised", "create", "configmap", "istio-1-24", "--from-literal=mesh=" + SETTINGS)
        .well();
    String[] place = {"--namespace", "revised"};
    try {
      CommandRun passed = install(place);
      assertThat(passed.exit()).as("%s", passed).isEqualTo(1);
      assertThat(passed.out()).contains("SLV7269");
      for (String line : passed.out().lines().filter(l -> l.contains("configmap")).toList()) {
        String command = line.strip().replaceFirst("^kubectl", Tool.peer("kubectl").toString());
        Tool.run(
                Map.of("KUBECONFIG", kubeconfig.toString()),
                List.of("sh", "-c", "cd " + home + " && " + command))
            .well();
      }
      assertThat(install(place).exit()).isZero();
      assertThat(kubectl("-n", "revised", "get", "cm", "istio", "-o", "yaml").well().out())
          .contains(SETTINGS);
    } finally {
      selvage("uninstall", "--namespace", "revised", "--purge", "--yes");
    }
  }

  @Test
  void policiesAreKeptUnlessAllIsPurged() throws Exception {
    install();
    kubectl("wait", "--for=condition=established", "--timeout=20s", "crd", "--all").well();
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: pay}}");
    kubectl("delete", "validatingwebhookconfiguration", "selvage-validator").well();
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: pay}
        spec: {}
        """;
    cluster.client().apply(policy);
    cluster.client().apply(SECRET.replace("}}", "}, data: {x: eA==}}"));
    cluster
        .client()
        .apply(
            "{apiVersion: v1, kind: Secret, metadata: {name: istio-remote-secret-west, namespace:"
                + " istio-system, labels: {istio/multiCluster: 'true'}}, data: {west: eA==}}");

    CommandRun gone = selvage("uninstall", "--yes");
    assertThat(gone.exit()).isZero();
    assertThat(gone.out().indexOf("MutatingWebhookConfiguration"))
        .as("the webhooks go first")
        .isLessThan(gone.out().indexOf("Deployment"));
    assertThat(gone.out())
        .contains("left       CustomResourceDefinition authorizationpolicies")
        .contains(
            "left       Secret istio-system/istio-remote-secret-west  with it, another cluster")
        .contains("delete secret istio-remote-secret-CLUSTER");
    assertThat(isThere(DEPLOYMENT)).isFalse();
    assertThat(isThere(INJECTOR)).isFalse();
    assertThat(isThere(policy)).isTrue();
    assertThat(isThere(SECRET)).isTrue();

    assertThat(selvage("uninstall", "--yes").out()).contains("There is no Selvage");
    assertThat(selvage("uninstall", "--purge", "--yes").exit()).isZero();
    assertThat(isThere(SECRET)).isFalse();
    assertThat(kubectl("get", "crd", "-o", "name").well().out()).doesNotContain("istio.io");
  }

  @Test
  void purgingWithoutATerminalNeedsAYes() {
    CommandRun refused = selvage("uninstall", "--purge");
    assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("--yes");
  }

  @Test
  void otherVersionsAreForUpgradeWhichDoesNotGoBackByItself() throws Exception {
    assertThat(selvage("upgrade").out()).contains("SLV7255", "no Selvage to upgrade");
    install();
    kubectl(
            "-n",
            "istio-system",
            "label",
            "--overwrite",
            "--field-manager=selvage-install",
            "deployment/selvage",
            "app.kubernetes.io/version=9.9.9")
        .well();
    CommandRun install = install();
    assertThat(install.exit()).isEqualTo(ExitCode.FINDINGS);
    assertThat(install.out()).contains("SLV7255", "9.9.9", "selvage upgrade");
    CommandRun forced = selvage("upgrade", "--no-wait", "--force", "--force-conflicts");
    assertThat(forced.exit()).as("%s", forced).isZero();
    assertThat(
            cluster
                .get(DEPLOYMENT)
                .path("metadata")
                .path("labels")
                .path("app.kubernetes.io/version")
                .asString())
        .isNotEqualTo("9.9.9");
  }

  @Test
  void whoMayNotInstallIsToldWhatIsMissing() throws Exception {
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: reader, namespace: default}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
            subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: reader}
            rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list]}]
            """);
    String token =
        cluster
            .client()
            .token(
                "default",
                "reader",
                Map.of("audiences", List.of("https://kubernetes.default.svc")));
    CommandRun ran =
        CommandRun.of(
            cluster.kubeconfig(cluster.api().port(), "reader", token), "install", "--no-wait");
    assertThat(ran.exit()).isEqualTo(ExitCode.NO_ACCESS);
    assertThat(ran.out())
        .contains("SLV7251", "system:serviceaccount:default:reader")
        .contains("you may not create, patch deployments.apps in the namespace istio-system");
    assertThat(isThere(DEPLOYMENT)).isFalse();
  }

  @Test
  void whatIsWaitedForIsNamedWhenItDoesNotComeInTime() {
    CommandRun ran = selvage("install", "--timeout", "1");
    assertThat(ran.exit()).isEqualTo(ExitCode.TIME_OUT);
    assertThat(ran.out())
        .contains("SLV7252", "Deployment istio-system/selvage: 0 of 1 replicas ready")
        .contains("no controller has looked at it yet");
  }

  @Test
  void aClusterThatCannotBeReachedDoesNotKeepTheOtherBack() throws Exception {
    Path both = home.resolve("both");
    Files.writeString(
        both,
        Files.readString(kubeconfig)
            .replace(
                "contexts: [", "contexts: [{name: west, context: {cluster: nowhere, user: it}}, ")
            .replace(
                "clusters: [",
                "clusters: [{name: nowhere, cluster: {server: \"https://127.0.0.1:1\"}}, "));
    CommandRun ran =
        CommandRun.of(both, "install", "--no-wait", "--context", "east", "--context", "west");
    assertThat(ran.exit()).isEqualTo(ExitCode.NO_ACCESS);
    assertThat(ran.out()).contains("west: SLV7250");
    assertThat(isThere(DEPLOYMENT)).isTrue();
    assertThat(
            cluster
                .get(DEPLOYMENT)
                .path("spec")
                .path("template")
                .path("spec")
                .path("containers")
                .path(0)
                .path("args")
                .toString())
        .contains("--cluster=east");
  }

  @Test
  void anIstioThatIsThereKeepsItsDefinitionsAndItsLabels() throws Exception {
    String everything =
        Tool.run(
                Map.of(),
                List.of(
                    Tool.peer("istioctl").toString(),
                    "manifest",
                    "generate",
                    "--set",
                    "profile=minimal"))
            .well()
            .out();
    List<JsonNode> istios =
        Manifest.read(everything).stream()
            .filter(
                object ->
                    List.of(
                            "CustomResourceDefinition",
                            "Deployment",
                            "MutatingWebhookConfiguration")
                        .contains(object.path("kind").asString()))
            .toList();
    List<JsonNode> before = cluster.client().apply(istios);
    try {
      CommandRun ran = install();
      assertThat(ran.exit()).as("%s", ran).isZero();
      assertThat(ran.out())
          .contains("Istio's control plane istio-system/istiod")
          .contains("istio-sidecar-injector; ours leaves those labels to it")
          .contains("authorizationpolicies.security.istio.io  not made by Selvage");
      assertThat(cluster.get(INJECTOR).path("webhooks").size()).isEqualTo(3);
      assertThat(selvage("uninstall", "--purge", "--yes").exit()).isZero();
      for (JsonNode object : before) {
        assertThat(cluster.client().get(object).path("metadata").path("generation"))
            .as(Manifest.id(object))
            .isEqualTo(object.path("metadata").path("generation"));
      }
    } finally {
      cluster.client().delete(istios);
    }
  }
}
