package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Helm itself brings its chart to a real API server: a control plane with the account that it made
 * works, an upgrade changes what it should, and what is taken away leaves the definitions.
 */
@Tag("real")
final class HelmInstallTest {
  private static final Path CHART = Path.of("../deploy/helm/selvage");
  private static final String DEPLOYMENT =
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: selvage, namespace: istio-system}}";
  private static final String BUDGET =
      "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: selvage, namespace:"
          + " istio-system}}";
  private static final String DEFINITION =
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name:"
          + " authorizationpolicies.security.istio.io}}";
  private static final String VALIDATOR =
      "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata:"
          + " {name: selvage-validator}}";

  @TempDir static Path home;
  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static Path chart;
  private static Path kubeconfig;

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.withoutDefinitions(home));
    kubeconfig = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    chart = home.resolve("chart");
    Tool.run(Map.of(), List.of("cp", "-r", CHART.toString(), chart.toString())).well();
    // The API server was built without a version, so that it seems to be older than all others.
    Path about = chart.resolve("Chart.yaml");
    Files.writeString(about, Files.readString(about).replaceAll("(?m)^kubeVersion:.*$", ""));
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static void helm(String... arguments) {
    List<String> line = new ArrayList<>(List.of(Tool.peer("helm").toString()));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--namespace", Cluster.ROOT, "--kubeconfig", kubeconfig.toString()));
    Tool.run(Map.of("HELM_NO_PLUGINS", "1", "HOME", home.toString()), line).well();
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

  private static KubernetesClient asInstalled() throws Exception {
    String token =
        cluster
            .client()
            .token(
                Cluster.ROOT,
                "selvage",
                Map.of("audiences", List.of("https://kubernetes.default.svc")));
    return cluster.connect(cluster.api().port(), "selvage", token);
  }

  @Test
  void whatHelmBringsWorksIsUpgradedAndIsTakenAway() throws Exception {
    helm("install", "selvage", chart.toString(), "--set-string", "cluster=east");
    assertThat(cluster.get(DEPLOYMENT).at("/spec/template/spec/containers/0/args").toString())
        .contains("--cluster=east");
    Opened opened = new Opened();
    try {
      Replica replica = opened.add(Replica.start("one", asInstalled(), TokenCheck.JWKS));
      Until.seen(
          "the webhooks that Helm made have the mesh's roots",
          () ->
              cluster.get(VALIDATOR).at("/webhooks/0/clientConfig/caBundle").asString("").length(),
          length -> length > 0);
      assertThat(replica.plane().snapshot().problems()).isEmpty();
    } finally {
      opened.close();
    }

    helm("upgrade", "selvage", chart.toString(), "--reuse-values", "--set", "replicas=3");
    assertThat(cluster.get(DEPLOYMENT).at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(isThere(BUDGET)).isTrue();

    helm("uninstall", "selvage");
    assertThat(isThere(DEPLOYMENT)).isFalse();
    assertThat(isThere(VALIDATOR)).isFalse();
    assertThat(isThere(DEFINITION)).as("what users wrote stays").isTrue();
  }
}
