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

/** The runbook in a cluster in which nobody has an IPv4 address. */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 200, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class IpVersionSixTest {
  private static final String OPAQUE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: opaque, namespace: sample}
      spec: {selector: {app: httpbin}, ports: [{name: tcp, port: 9000, targetPort: 8080}]}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;

  private final Opened opened = new Opened();
  private Kubectl kubectl;

  @BeforeAll
  @Timeout(value = 400, unit = TimeUnit.SECONDS)
  void install() {
    try {
      var cluster = opened.add(KubernetesCluster.startWithIpVersionSix("six"));
      cluster.load(SelvageImage.archive());
      kubectl = cluster.kubectl();
      new Selvage(cluster.kubeconfig())
          .run("install", "--context", "six", "--image", SelvageImage.NAME, "--yes")
          .well();
      kubectl.apply(
          Application.namespace("sample", "{selvage.io/injection: enabled}")
              + Application.sleep("sample")
              + Application.httpbin("sample")
              + OPAQUE);
      kubectl.awaitRollout("sample", "httpbin");
      kubectl.awaitRollout("sample", "sleep");
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  @AfterAll
  void end() {
    opened.close();
  }

  private Tool.Ran asks(String container, String arguments) {
    return kubectl.shell(
        """
        kubectl exec --context="${CTX}" -n sample deploy/sleep -c %s -- curl -sS -g -m 10 %s\
        """
            .formatted(container, arguments));
  }

  private String field(String kind, String app, String path) {
    return kubectl
        .run(
            "get",
            kind,
            "-n",
            "sample",
            "-l",
            "app=" + app,
            "-o",
            "jsonpath={.items[0]." + path + "}")
        .well()
        .out();
  }

  @Test
  @Order(1)
  void bothEndsKnowEachOtherByNameAndByAddress() throws Exception {
    assertThat(field("pods", "httpbin", "status.podIPs[*].ip")).matches("fd00:[0-9a-f:]+");
    String service = field("services", "httpbin", "spec.clusterIP");
    for (String host : new String[] {"httpbin.sample", "[" + service + "]"}) {
      String url = "http://%s:8000/headers".formatted(host);
      Until.seen(
          "httpbin knows who asks for " + host,
          () -> asks("sleep", url).out(),
          said ->
              said.contains("By=spiffe://cluster.local/ns/sample/sa/httpbin;")
                  && said.contains("URI=spiffe://cluster.local/ns/sample/sa/sleep\""));
    }
  }

  @Test
  @Order(2)
  void whatIsNoHttpGoesByMutualTlsTooAndPlaintextIsReset() throws Exception {
    String status = "-o /dev/null -w '%{http_code}' ";
    Until.seen(
        "an opaque port is served",
        () -> asks("sleep", status + "http://opaque.sample:9000/ip").out(),
        "200"::equals);
    Until.seen(
        "plaintext is reset",
        () -> asks("istio-proxy", "http://httpbin.sample:8000/ip").exit(),
        exit -> exit == 56);
  }

  @Test
  @Order(3)
  void policiesReadAddressesOfVersionSix() throws Exception {
    String deny =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: sample}
        spec:
          action: DENY
          selector: {matchLabels: {app: httpbin}}
          rules: [{from: [{source: {ipBlocks: ["%s/128"]}}]}]
        """;
    String ask = "-w ' %{http_code}' http://httpbin.sample:8000/ip";
    kubectl.apply(deny.formatted(field("pods", "sleep", "status.podIP")));
    Until.seen("it is denied", () -> asks("sleep", ask).out(), "RBAC: access denied 403"::equals);
    kubectl.apply(deny.formatted("fd00:dead::1"));
    Until.seen("it is allowed", () -> asks("sleep", ask).out(), said -> said.endsWith(" 200"));
  }
}
