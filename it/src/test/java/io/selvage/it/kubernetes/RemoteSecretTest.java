package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteClusters;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.control.workload.Workloads;
import io.selvage.it.istiod.Istiod;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our remote Secrets and {@code istioctl}'s are the same: a real istiod takes ours, we take its.
 */
@Tag("real")
final class RemoteSecretTest {
  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Istiod istiod;
  private static Cluster west;
  private final Opened opened = new Opened();

  @BeforeAll
  static void start() throws Exception {
    try {
      istiod = ALL.add(Istiod.start(home.resolve("istiod"), Istiod.Settings.DEFAULT));
      west = ALL.add(Cluster.start(home.resolve("west")));
    } catch (Throwable e) {
      ALL.close();
      throw e;
    }
  }

  @AfterEach
  void end() {
    opened.close();
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @Test
  void aRealIstiodReadsAClusterByOurSecret() throws Exception {
    var secret =
        new RemoteSecrets(Cluster.ROOT, Reader.ISTIOD, Duration.ofMillis(1))
            .of(new RemoteSecrets.Member("west", west.connect(west.gate()), Optional.empty()));
    istiod
        .kube()
        .client()
        .apply(west.connect(west.gate()).getKubernetesSerialization().asYaml(secret));
    Until.seen(
        "istiod has read west",
        () -> istiod.debug("clusterz") + refusals(),
        text -> text.contains("\"west\"") && text.split("\"synced\"", -1).length == 3);
  }

  private static String refusals() throws Exception {
    return istiod
        .log()
        .lines()
        .filter(line -> line.contains("forbidden"))
        .collect(java.util.stream.Collectors.joining("\n"));
  }

  @Test
  void weReadAClusterByIstioctlsSecret() throws Exception {
    // What the controllers that are not here would do.
    var client = istiod.kube().client();
    client.apply(
        """
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: istio-reader-service-account, namespace: istio-system}}
        """);
    String token = client.token("istio-system", "istio-reader-service-account", Map.of());
    client.apply(
        """
        apiVersion: v1
        kind: Secret
        type: kubernetes.io/service-account-token
        metadata:
          name: istio-reader-service-account-istio-remote-secret-token
          namespace: istio-system
          annotations: {kubernetes.io/service-account.name: istio-reader-service-account}
        data: {token: %s, ca.crt: %s}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: reader}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: istio-reader-clusterrole-istio-system}
        subjects: [{kind: ServiceAccount, name: istio-reader-service-account, namespace: istio-system}]
        """
            .formatted(
                Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.US_ASCII)),
                Base64.getEncoder()
                    .encodeToString(Files.readAllBytes(istiod.kube().certificate()))));
    client.apply(
        Manifest.read(
                Tool.run(
                        Map.of(),
                        List.of(
                            Tool.peer("istioctl").toString(),
                            "manifest",
                            "generate",
                            "--set",
                            "profile=minimal"))
                    .well()
                    .out())
            .stream()
            .filter(
                object ->
                    object
                        .path("metadata")
                        .path("name")
                        .asString()
                        .equals("istio-reader-clusterrole-istio-system"))
            .filter(object -> object.path("kind").asString().equals("ClusterRole"))
            .toList());
    String secret =
        Tool.run(
                Map.of(),
                List.of(
                    Tool.peer("istioctl").toString(),
                    "--kubeconfig",
                    istiod.kube().kubeconfig().toString(),
                    "create-remote-secret",
                    "--name",
                    "theirs"))
            .well()
            .out();
    KubernetesClient own = west.connect(west.gate());
    west.client().apply(Manifest.read(secret));
    client.apply(
        """
        {apiVersion: v1, kind: Namespace, metadata: {name: sample}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: there, namespace: sample}
        spec: {ports: [{name: http, port: 80}]}
        """);
    var workloads = new Workloads("west");
    var remotes =
        opened.add(
            RemoteClusters.start(
                own, new RemoteClusters.Settings(Cluster.ROOT, "cluster.local"), workloads));
    assertThat(remotes.await(Duration.ofSeconds(20))).as("%s", remotes.problems()).isTrue();
    assertThat(workloads.neighbours()).containsExactly("theirs");
    Until.seen(
        "its services",
        () -> workloads.neighbour("theirs").orElseThrow().view().toString(),
        text -> text.contains("name=there"));
    assertThat(remotes.problems()).isEmpty();
  }
}
