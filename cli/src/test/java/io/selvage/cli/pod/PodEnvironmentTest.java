package io.selvage.cli.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.UserError;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.pod.PodStatusServer;
import io.selvage.proxy.pod.Prober;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Pod tells its sidecar, by Selvage's injection or by Istio's. */
class PodEnvironmentTest {
  @TempDir private Path root;

  private final Map<String, String> variables =
      new HashMap<>(
          Map.of(
              "POD_NAME", "web-1",
              "POD_NAMESPACE", "sample",
              "INSTANCE_IP", "10.0.0.7",
              "SERVICE_ACCOUNT", "web"));

  @BeforeEach
  void labels() throws IOException {
    Path folder = Files.createDirectories(root.resolve("etc/istio/pod"));
    Files.writeString(folder.resolve("labels"), "app=\"web\"\nversion=\"1\"\nempty=\"\"");
  }

  private PodEnvironment pod() {
    return new PodEnvironment(variables, root);
  }

  @Test
  void aPodThatIsAGatewayJoinsAsARouter() {
    variables.put("ISTIO_META_NETWORK", "west");
    JoinSettings join = pod().join(JoinSettings.Role.ROUTER);
    assertThat(join.role()).isEqualTo(JoinSettings.Role.ROUTER);
    assertThat(join.network()).contains("west");
    assertThat(pod().join().role()).isEqualTo(JoinSettings.Role.SIDECAR);
  }

  @Test
  void joinsAsThePodThatItIsIn() {
    variables.put("CA_ADDR", "selvage.istio-system.svc:15012");
    variables.put("ISTIO_META_CLUSTER_ID", "east");
    variables.put("ISTIO_META_NETWORK", "n1");
    variables.put("ISTIO_META_MESH_ID", "m");
    variables.put("ISTIO_META_WORKLOAD_NAME", "web");
    variables.put("ISTIO_META_POD_PORTS", "[{\"containerPort\":80}]");
    variables.put("ISTIO_METAJSON_EXTRA", "{\"a\":1}");
    variables.put("INSTANCE_IPS", "10.0.0.7,fd00::7");
    JoinSettings join = pod().join();
    assertThat(join.controlPlane())
        .isEqualTo(
            new JoinSettings.ControlPlane(
                "selvage.istio-system.svc", 15012, "selvage.istio-system.svc"));
    assertThat(join.roots()).isEqualTo(root.resolve("var/run/secrets/istio/root-cert.pem"));
    assertThat(join.token()).isEqualTo(root.resolve("var/run/secrets/tokens/istio-token"));
    assertThat(join.clusterId()).isEqualTo("east");
    assertThat(join.meshId()).isEqualTo("m");
    assertThat(join.network()).contains("n1");
    assertThat(join.workload().name()).isEqualTo("web-1");
    assertThat(join.workload().address()).isEqualTo("10.0.0.7");
    assertThat(join.workload().labels())
        .isEqualTo(Map.of("app", "web", "version", "1", "empty", ""));
    assertThat(join.workload().metadata())
        .containsEntry("WORKLOAD_NAME", "web")
        .containsEntry("POD_PORTS", "[{\"containerPort\":80}]")
        .containsEntry("EXTRA", Map.of("a", 1))
        .containsEntry("INSTANCE_IPS", "10.0.0.7,fd00::7");
  }

  @Test
  void theProxyConfigOfThePodHolds() {
    variables.put(
        "PROXY_CONFIG",
        """
        {"discoveryAddress": "istiod.istio-system.svc:15012", "statusPort": 16020,
         "terminationDrainDuration": "12.5s", "concurrency": 2, "tracing": {"zipkin": {}}}
        """);
    variables.put("CA_ADDR", "elsewhere:15012");
    assertThat(pod().join().controlPlane().host()).isEqualTo("istiod.istio-system.svc");
    assertThat(pod().drain()).isEqualTo(Duration.ofMillis(12_500));
    assertThat(pod().concurrency()).isEqualTo(2);
    assertThat(pod().status().status()).isEqualTo(16020);
  }

  @Test
  void withoutAProxyConfigIstiosDefaultsHold() {
    assertThat(pod().join().controlPlane().host()).isEqualTo("istiod.istio-system.svc");
    assertThat(pod().drain()).isEqualTo(Duration.ofSeconds(5));
    PodStatusServer.Settings status = pod().status();
    assertThat(List.of(status.status(), status.health(), status.metrics()))
        .containsExactly(15020, 15021, 15090);
    assertThat(status.source().getHostAddress()).isEqualTo("127.0.0.6");
    assertThat(status.probers()).isEmpty();
  }

  @Test
  void probesAreThoseThatInjectionWrote() {
    variables.put(
        "ISTIO_KUBE_APP_PROBERS",
        """
        {"/app-health/a/readyz": {"httpGet": {"path": "get", "port": 80, "scheme": "HTTPS"}, "timeoutSeconds": 3},
         "/app-health/a/livez": {"tcpSocket": {"port": 81}},
         "/app-health/a/startupz": {"grpc": {"port": 82, "service": null}}}
        """);
    assertThat(pod().status().probers())
        .isEqualTo(
            Map.of(
                "/app-health/a/readyz",
                new Prober.Http(80, Duration.ofSeconds(3), true, "/get"),
                "/app-health/a/livez",
                new Prober.Tcp(81, Duration.ofSeconds(1)),
                "/app-health/a/startupz",
                new Prober.Grpc(82, Duration.ofSeconds(1), "")));
  }

  @Test
  void anAddressOfIpVersionSixIsServedByItsOwnLoopback() {
    variables.put("INSTANCE_IP", "fd00::7");
    assertThat(pod().status().source().getHostAddress()).isEqualTo("0:0:0:0:0:0:0:6");
    assertThat(pod().status().bind().isAnyLocalAddress()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POD_NAME | '' | POD_NAME is not set",
        "POD_NAMESPACE | '' | POD_NAMESPACE is not set",
        "SERVICE_ACCOUNT | '' | SERVICE_ACCOUNT is not set",
        "INSTANCE_IP | host.example | INSTANCE_IP:",
        "CA_ADDR | nowhere | no HOST:PORT",
        "PROXY_CONFIG | { | PROXY_CONFIG is no JSON",
        "ISTIO_METAJSON_X | { | no JSON",
      })
  void whatIsMissingOrWrongIsNamed(String name, String value, String words) {
    variables.put(name, value);
    assertThatThrownBy(() -> pod().join())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("SLV7247")
        .hasMessageContaining(words);
  }

  @Test
  void withoutTheLabelsNothingIsJoined() throws IOException {
    Files.delete(root.resolve("etc/istio/pod/labels"));
    assertThatThrownBy(() -> pod().join()).hasMessageContaining("labels cannot be read");
  }
}
