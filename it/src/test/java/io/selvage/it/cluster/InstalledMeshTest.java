package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
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
 * A mesh in a cluster as its user has it: installed by {@code selvage install}, namespaces
 * labelled, and then the runbook, in the words in which it is written for Kubernetes.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 200, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InstalledMeshTest {
  private static final String INJECTED = "{selvage.io/injection: enabled}";
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

  private final Opened opened = new Opened();
  private KubernetesCluster cluster;
  private Kubectl kubectl;
  private Selvage selvage;

  @BeforeAll
  @Timeout(value = 400, unit = TimeUnit.SECONDS)
  void install() {
    try {
      cluster = opened.add(KubernetesCluster.start("east"));
      cluster.load(SelvageImage.archive());
      kubectl = cluster.kubectl();
      selvage = new Selvage(cluster.kubeconfig());
      selvage.run("install", "--context", "east", "--image", SelvageImage.NAME, "--yes").well();
      kubectl.apply(
          Application.namespace("sample", INJECTED)
              + Application.namespace("classic", INJECTED)
              + Application.namespace("outside", "{}")
              + Application.sleep("sample")
              + Application.httpbin("sample")
              + Application.httpbin(
                  "classic", "{sidecar.istio.io/nativeSidecar: 'false'}", "classic")
              + Application.sleep("outside"));
      kubectl.awaitRollout("sample", "httpbin");
      kubectl.awaitRollout("sample", "sleep");
      kubectl.awaitRollout("classic", "httpbin");
      kubectl.awaitRollout("outside", "sleep");
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  @AfterAll
  void end() {
    opened.close();
  }

  private JsonNode pod(String namespace, String application) {
    return kubectl.get("pods", "-n", namespace, "-l", "app=" + application).path("items").get(0);
  }

  /** The runbook's request from a Pod of {@code sleep}, word for word. */
  private String curl(String namespace, String container, String arguments) {
    return """
    kubectl exec --context="${CTX}" -n %1$s -c %2$s "$(kubectl get pod --context="${CTX}" -n %1$s \
    -l app=sleep -o jsonpath={.items..metadata.name})" -- curl -sS -m 10 %3$s\
    """
        .formatted(namespace, container, arguments);
  }

  private String status(String namespace, String url) {
    return kubectl.shell(curl(namespace, "sleep", "-o /dev/null -w '%{http_code}' " + url)).out();
  }

  @Test
  @Order(1)
  void putsASidecarIntoThePodsOfALabelledNamespaceAndIntoNoOther() {
    JsonNode natively = pod("sample", "httpbin").path("spec");
    assertThat(natively.path("containers")).hasSize(1);
    assertThat(natively.path("initContainers"))
        .anySatisfy(
            container -> {
              assertThat(container.path("name").asString()).isEqualTo("istio-proxy");
              assertThat(container.path("restartPolicy").asString()).isEqualTo("Always");
            });
    assertThat(pod("classic", "httpbin").path("spec").path("containers"))
        .extracting(container -> container.path("name").asString())
        .containsExactlyInAnyOrder("httpbin", "istio-proxy");
    assertThat(pod("outside", "sleep").path("spec").path("containers")).hasSize(1);
    assertThat(pod("outside", "sleep").path("spec").path("initContainers").isMissingNode())
        .isTrue();
  }

  @Test
  @Order(2)
  void tellsTheApplicationWhoCalls() {
    assertThat(
            kubectl
                .shell(curl("sample", "sleep", "http://httpbin.sample:8000/headers"))
                .well()
                .out())
        .contains("By=spiffe://cluster.local/ns/sample/sa/httpbin;")
        .contains("URI=spiffe://cluster.local/ns/sample/sa/sleep\"");
    assertThat(
            kubectl
                .shell(curl("sample", "sleep", "http://httpbin.classic:8000/headers"))
                .well()
                .out())
        .contains("By=spiffe://cluster.local/ns/classic/sa/httpbin;");
    assertThat(
            kubectl
                .shell(curl("outside", "sleep", "http://httpbin.sample:8000/headers"))
                .well()
                .out())
        .as("permissive: plaintext is taken, and nobody is named")
        .doesNotContain("X-Forwarded-Client-Cert");
  }

  @Test
  @Order(3)
  void resetsPlaintextOnceMutualTlsIsStrict() throws Exception {
    kubectl.apply(STRICT);
    var plaintext = curl("outside", "sleep", "http://httpbin.sample:8000/headers");
    Until.seen("plaintext is reset", () -> kubectl.shell(plaintext).exit(), exit -> exit == 56);
    assertThat(kubectl.shell(plaintext).err())
        .contains("curl: (56) Recv failure: Connection reset by peer");
    Until.seen(
        "and by a classic sidecar",
        () -> kubectl.shell(curl("outside", "sleep", "http://httpbin.classic:8000/ip")).exit(),
        exit -> exit == 56);
    assertThat(kubectl.shell(curl("sample", "istio-proxy", "http://httpbin.sample:8000/ip")).exit())
        .as("the sidecar's own container is not captured: plaintext, too")
        .isEqualTo(56);
    assertThat(status("sample", "http://httpbin.sample:8000/ip")).isEqualTo("200");
    assertThat(status("sample", "http://httpbin.classic:8000/ip")).isEqualTo("200");
  }

  @Test
  @Order(4)
  void letsTheKubeletProbeWhereMutualTlsIsStrict() {
    kubectl.run("rollout", "restart", "-n", "sample", "deployment/httpbin").well();
    kubectl.awaitRollout("sample", "httpbin");
    kubectl.run("rollout", "restart", "-n", "classic", "deployment/httpbin").well();
    kubectl.awaitRollout("classic", "httpbin");
    assertThat(pod("classic", "httpbin").path("status").path("containerStatuses"))
        .allSatisfy(status -> assertThat(status.path("restartCount").asInt(-1)).isZero());
  }

  @Test
  @Order(5)
  void deniesAsThePolicySaysUntilItIsDeleted() throws Exception {
    kubectl.apply(NOBODY);
    var asked = curl("sample", "sleep", "-w ' %{http_code}' http://httpbin.sample:8000/ip");
    Until.seen("it is denied", () -> kubectl.shell(asked).out(), "RBAC: access denied 403"::equals);
    assertThat(status("sample", "http://httpbin.classic:8000/ip"))
        .as("of another namespace")
        .isEqualTo("200");
    kubectl.delete(NOBODY);
    Until.seen(
        "it is allowed", () -> status("sample", "http://httpbin.sample:8000/ip"), "200"::equals);
  }

  @Test
  @Order(6)
  void refusesAPolicyThatCannotBeReadBeforeItIsStored() {
    var wrong = NOBODY.replace("spec: {}", "spec: {rules: [{from: [{source: {ipBlocks: [x]}}]}]}");
    var ran = kubectl.shell("kubectl apply --context=\"${CTX}\" -f - <<'EOF'\n" + wrong + "\nEOF");
    assertThat(ran.exit()).as("%s", ran).isNotZero();
    assertThat(ran.err()).contains("validation.selvage.io").contains("ipBlocks");
    assertThat(status("sample", "http://httpbin.sample:8000/ip")).isEqualTo("200");
  }

  @Test
  @Order(7)
  void letsAJobEndBesideItsNativeSidecar() {
    kubectl.apply(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: once, namespace: sample}
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              containers:
              - name: once
                image: %s
                imagePullPolicy: Never
                command: [curl, -sSf, "http://httpbin.sample:8000/ip"]
        """
            .formatted(SelvageImage.NAME));
    kubectl
        .run("wait", "-n", "sample", "--for=condition=Complete", "job/once", "--timeout=60s")
        .well();
  }

  @Test
  @Order(8)
  void leavesNothingOnceItIsUninstalledAndPurged() throws Exception {
    Tool.Ran ran = selvage.run("uninstall", "--context", "east", "--purge", "--yes").well();
    assertThat(ran.out()).as("who has a sidecar still").contains("sample").contains("classic");
    Until.seen(
        "nothing of it stays",
        () -> kubectl.shell(Application.WHAT_IS_INSTALLED).out(),
        ""::equals);
  }
}
