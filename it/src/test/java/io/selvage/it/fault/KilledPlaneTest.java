package io.selvage.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.io.BufferedReader;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies whose control plane and CA, a process of their own, are killed and come back. */
@Tag("real")
class KilledPlaneTest {
  private static final String SLEEP = "127.93.7.1";
  private static final String HTTPBIN = "127.93.7.2";
  private static final int PROXY_PORT = 15080;

  /** So short that a renewal that failed is tried again after some seconds. */
  private static final Duration LIFE = Duration.ofMinutes(3);

  private static final String URL = "http://httpbin.sample:8000";
  private static final String MESH =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: "trustDomain: it.mesh"
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: httpbin, namespace: sample}
      spec:
        selector: {app: httpbin}
        ports: [{name: http, port: 8000}]
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny, namespace: sample}
      spec: {}
      """;

  @TempDir private Path home;
  private int caPort;
  private int adsPort;
  private int program;
  private Httpbin httpbin;
  private ProxyEngine engine;
  private OneSidecar sleep;
  private OneSidecar server;
  private @Nullable Process plane;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(home.resolve("folder"));
    Files.writeString(home.resolve("folder/mesh.yaml"), MESH);
    caPort = FreePort.find();
    adsPort = FreePort.find();
    program = FreePort.find();
    httpbin = Httpbin.start(new InetSocketAddress(RunningMesh.loopback(), program), "it");
    startPlane();
    engine = new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
    server = sidecar("httpbin", HTTPBIN);
    sleep = sidecar("sleep", SLEEP);
    Until.seen("httpbin is served", () -> status(URL + "/ip"), "200"::equals);
  }

  private OneSidecar sidecar(String name, String address) throws Exception {
    return new OneSidecar(
        engine,
        WorkloadSpec.local("sample/" + name, Workload.UNKNOWN, List.of()),
        address,
        Map.of("INTERCEPTION_MODE", "NONE", "HTTP_PROXY_PORT", Integer.toString(PROXY_PORT)),
        LIFE,
        new OnePlane.Invitation(
            caPort,
            adsPort,
            Files.readString(home.resolve("roots.pem")),
            Files.readString(home.resolve(name + ".token"))));
  }

  private void startPlane() throws Exception {
    Process started =
        Tool.start(
            Map.of(),
            Tool.java(
                List.of("-Xmx128m"),
                PlaneProcess.class,
                home.resolve("folder").toString(),
                home.resolve("ca").toString(),
                home.toString(),
                Integer.toString(caPort),
                Integer.toString(adsPort),
                SLEEP,
                HTTPBIN,
                "127.0.0.1:" + program));
    plane = started;
    BufferedReader said = started.inputReader();
    assertThat(said.readLine()).isEqualTo("ready");
  }

  private void killPlane() throws Exception {
    if (plane != null) {
      plane.destroyForcibly().waitFor();
    }
  }

  @AfterEach
  void stop() throws Exception {
    sleep.close();
    server.close();
    engine.close();
    httpbin.close();
    killPlane();
  }

  private static Tool.Ran curl(String... arguments) {
    var line = new java.util.ArrayList<>(List.of("curl", "-s", "-m", "20", "-o", "/dev/null"));
    line.addAll(List.of("-w", "%{http_code}\n"));
    line.addAll(List.of(arguments));
    return Tool.run(
        Map.of("http_proxy", "http://" + SLEEP + ":" + PROXY_PORT, "no_proxy", ""), line);
  }

  private static String status(String url) {
    return curl(url).out().strip();
  }

  @Test
  void requestsGoOnWithoutTheControlPlaneAndChangesHoldOnceItIsBack() throws Exception {
    killPlane();
    Until.holds("the proxies have noticed", () -> !sleep.connected() && !server.connected());

    assertThat(curl(URL + "/ip?[1-200]").out().lines()).hasSize(200).containsOnly("200");
    assertThat(curl("-H", "Connection: close", URL + "/ip?[1-20]").out().lines())
        .as("new connections, too")
        .hasSize(20)
        .containsOnly("200");
    Files.writeString(home.resolve("folder/deny.yaml"), DENY);

    startPlane();
    Until.seen("the policy holds", () -> status(URL + "/ip"), "403"::equals);
    Files.delete(home.resolve("folder/deny.yaml"));
    Until.seen("its removal, too", () -> status(URL + "/ip"), "200"::equals);
  }

  @Test
  void aCertificateStaysInUseWhileTheCaIsAwayAndIsRenewedOnceItIsBack() throws Exception {
    String before = fingerprint();
    killPlane();
    sleep.rotation().renewNow();

    var trouble =
        Until.seen("the failure is told", sleep.rotation()::trouble, java.util.Optional::isPresent)
            .orElseThrow();
    assertThat(trouble.code()).isEqualTo("SLV1010");
    assertThat(trouble.message()).contains("spiffe://it.mesh/ns/sample/sa/sleep", "ends in");
    assertThat(trouble.timeLeft()).isPositive();
    assertThat(fingerprint()).isEqualTo(before);
    assertThat(status(URL + "/ip")).isEqualTo("200");

    startPlane();
    Until.seen("it is renewed by itself", this::fingerprint, now -> !now.equals(before));
    assertThat(sleep.rotation().trouble()).isEmpty();
    assertThat(status(URL + "/ip")).isEqualTo("200");
  }

  private String fingerprint() {
    return sleep.rotation().current().orElseThrow().certificate().sha256Hex();
  }
}
