package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/**
 * Our sidecars, put into files by {@code selvage inject}, in real Pods under Istio's own control
 * plane: native, and beside an application that waits for them.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InjectedUnderIstiodTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String NOBODY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: nobody, namespace: sample}
      spec: {}
      """;
  private static final String HELD =
      "{sidecar.istio.io/nativeSidecar: 'false', proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'}";

  /** An application that ends unless its sidecar is ready when it begins. */
  private static final String READY_FIRST =
      "command: [sh, -c, 'curl -sf -m 2 -o /dev/null http://127.0.0.1:15021/healthz/ready"
          + " && exec selvage httpbin --port 8080 --name httpbin']";

  private final Opened opened = new Opened();
  private KubernetesCluster cluster;
  private Kubectl kubectl;

  @BeforeAll
  @Timeout(value = 400, unit = TimeUnit.SECONDS)
  void install() throws Exception {
    try {
      cluster = opened.add(KubernetesCluster.start("istio"));
      cluster.load(SelvageImage.archive());
      kubectl = cluster.kubectl();
      opened.add(IstiodOutside.start(cluster));
      kubectl.apply(
          STRICT
              + "---\n"
              + Application.namespace("sample", "{}")
              + Application.namespace("held", "{}")
              + Application.namespace("outside", "{}")
              + Application.sleep("outside"));
      kubectl.apply(
          injected(
              Application.sleep("sample")
                  + Application.httpbin("sample")
                  + Application.httpbin("held", HELD).replaceFirst("args: .*", READY_FIRST)));
      kubectl.awaitRollout("sample", "httpbin");
      kubectl.awaitRollout("sample", "sleep");
      kubectl.awaitRollout("held", "httpbin");
      kubectl.awaitRollout("outside", "sleep");
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private String injected(String manifests) throws Exception {
    Path file = Files.writeString(cluster.folder().resolve("applications.yaml"), manifests);
    return new Selvage(cluster.kubeconfig())
        .run(
            "inject",
            "-f",
            file.toString(),
            "--sidecar-image",
            SelvageImage.NAME,
            "--sidecar-pull-policy",
            "Never",
            "--sidecar-control-plane",
            IstiodOutside.CONTROL_PLANE)
        .well()
        .out();
  }

  @AfterAll
  void end() {
    opened.close();
  }

  private String asked(String namespace, String url, String... more) {
    String[] command = new String[more.length + 5];
    System.arraycopy(new String[] {"curl", "-s", "-m", "5"}, 0, command, 0, 4);
    System.arraycopy(more, 0, command, 4, more.length);
    command[command.length - 1] = url;
    var ran = kubectl.exec(namespace, "sleep", "sleep", command);
    return ran.exit() == 0 ? ran.out() : "exit " + ran.exit();
  }

  @Test
  @Order(1)
  void bothKindsOfSidecarsCarryTheMeshsIdentities() throws Exception {
    for (String namespace : new String[] {"sample", "held"}) {
      Until.seen(
          "httpbin of " + namespace + " is told who calls",
          () -> asked("sample", "http://httpbin." + namespace + ":8000/headers"),
          answer ->
              answer.contains("By=spiffe://cluster.local/ns/" + namespace + "/sa/httpbin;")
                  && answer.contains("URI=spiffe://cluster.local/ns/sample/sa/sleep"));
      assertThat(asked("outside", "http://httpbin." + namespace + ":8000/headers"))
          .isEqualTo("exit 56");
    }
  }

  @Test
  @Order(2)
  void anApplicationThatWaitsIsStartedOnceItsSidecarIsReady() {
    JsonNode pod = kubectl.get("pods", "-n", "held", "-l", "app=httpbin").path("items").get(0);
    assertThat(pod.path("spec").path("containers"))
        .extracting(container -> container.path("name").asString())
        .containsExactly("istio-proxy", "httpbin");
    assertThat(pod.path("status").path("containerStatuses"))
        .allSatisfy(
            status -> {
              assertThat(status.path("ready").asBoolean()).isTrue();
              assertThat(status.path("restartCount").asInt(-1)).isZero();
            });
  }

  @Test
  @Order(3)
  void istiodsPolicyIsEnforced() throws Exception {
    kubectl.apply(NOBODY);
    Until.seen(
        "it is denied",
        () -> asked("sample", "http://httpbin.sample:8000/ip", "-w", " %{http_code}"),
        "RBAC: access denied 403"::equals);
    kubectl.delete(NOBODY);
    Until.seen(
        "it is allowed",
        () ->
            asked(
                "sample", "http://httpbin.sample:8000/ip", "-o", "/dev/null", "-w", "%{http_code}"),
        "200"::equals);
  }
}
