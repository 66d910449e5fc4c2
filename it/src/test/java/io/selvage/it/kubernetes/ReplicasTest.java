package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.Main;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Three replicas as processes of their own, with the times that users have, behind one address as a
 * Service gives it; proxies in traffic are spread over them. A replica is killed, and another.
 */
@Tag("real")
final class ReplicasTest {
  private static final String LEASE =
      "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: selvage-control, namespace: istio-system}}";
  private static final String SLEEP = "127.93.9.1";
  private static final int SERVERS = 4;

  @TempDir private Path home;
  private final Opened opened = new Opened();
  private final List<Running> replicas = new ArrayList<>();
  private final List<OneSidecar> sidecars = new ArrayList<>();
  private Cluster cluster;
  private Gate service;
  private String roots;

  /** One replica. */
  private record Running(String name, Process process, int port) {
    void kill() throws InterruptedException {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  @AfterEach
  void stop() {
    opened.close();
  }

  private Process begin(String name) throws IOException {
    Path kubeconfig = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    Process process =
        Tool.start(
            Map.of("POD_NAME", name),
            Tool.java(
                List.of("-Xmx128m", "-XX:+UseSerialGC"),
                Main.class,
                "control",
                "--address=127.0.0.1",
                "--port=0",
                "--webhook-port=0",
                "--ready-port=0",
                "--monitoring-port=0",
                "--kubeconfig=" + kubeconfig));
    opened.add(process::destroyForcibly);
    return process;
  }

  private static Running ready(String name, Process process) throws IOException {
    BufferedReader said = process.inputReader();
    String line = said.readLine();
    while (line != null && !line.startsWith("ready: ")) {
      line = said.readLine();
    }
    assertThat(line).as("%s gets ready", name).isNotNull();
    return new Running(name, process, Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)));
  }

  @BeforeEach
  void start() throws Exception {
    cluster = opened.add(Cluster.start(home));
    int program = FreePort.find();
    opened.add(Httpbin.start(new InetSocketAddress(RunningMesh.loopback(), program), "it"));
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: sample}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: httpbin, namespace: sample}
            spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: %d}]}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            """
                .formatted(program));
    List<Process> begun = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      begun.add(begin("replica-" + i));
    }
    for (int i = 1; i <= 3; i++) {
      replicas.add(ready("replica-" + i, begun.get(i - 1)));
    }
    service = opened.add(Gate.to(replicas.stream().mapToInt(Running::port).toArray()));
    roots =
        cluster
            .get(
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: sample}}")
            .path("data")
            .path("root-cert.pem")
            .asString();
    ProxyEngine engine =
        opened.add(
            new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
    List<SamplePod> pods = new ArrayList<>(List.of(new SamplePod("sleep", "sleep", SLEEP)));
    for (int i = 0; i < SERVERS; i++) {
      pods.add(new SamplePod("httpbin-" + i, "httpbin", "127.93.9." + (10 + i)));
    }
    for (SamplePod pod : pods) {
      pod.declare(cluster);
    }
    for (SamplePod pod : pods) {
      sidecars.add(opened.add(pod.sidecar(engine, cluster, service.port(), roots)));
    }
  }

  private String holder() throws IOException, InterruptedException {
    JsonNode spec = cluster.get(LEASE).path("spec");
    return spec.path("holderIdentity").asString("");
  }

  private static Running named(List<Running> among, String holder) {
    return among.stream()
        .filter(one -> holder.startsWith(one.name() + "_"))
        .findFirst()
        .orElseThrow();
  }

  /** Certificates that the CA behind the Service gives, one after the other. */
  private int certificates(int wanted) throws Exception {
    var client =
        new CertificateClient(
            CertificateClient.Settings.of(
                "127.0.0.1", service.port(), Replica.SERVER_NAME, Replica.CLUSTER),
            () -> trusted(roots),
            () -> Optional.of(token()),
            Thread::sleep,
            InstantSource.system(),
            new SecureRandom());
    int issued = 0;
    for (int i = 0; i < wanted; i++) {
      assertThat(client.request(Optional.empty()).certificate().spiffeId().toString())
          .isEqualTo("spiffe://cluster.local/ns/sample/sa/sleep");
      issued++;
    }
    return issued;
  }

  private static TrustBundle trusted(String pem) {
    try {
      return TrustBundle.parse(pem);
    } catch (io.selvage.pki.PkiException e) {
      throw new AssertionError(e);
    }
  }

  private String token() {
    try {
      return cluster.client().istioToken("sample", "sleep", "sleep");
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Whether every server refuses a path: none of many calls, spread over all, gets through. */
  private static boolean isRefused(Caller caller, String path) throws InterruptedException {
    for (int i = 0; i < 5 * SERVERS; i++) {
      if (!caller.call(path).startsWith("403")) {
        return false;
      }
    }
    return true;
  }

  /** A replica dies under load; what came of it is printed. */
  private void killed(Caller caller, Running victim, boolean leads, String path) throws Exception {
    replicas.remove(victim);
    long[] millis = new long[3];
    Map<String, Integer> outcomes =
        caller.during(
            () -> {
              victim.kill();
              long from = System.nanoTime();
              assertThat(certificates(20)).isEqualTo(20);
              millis[0] = Duration.ofNanos(System.nanoTime() - from).toMillis();
              cluster
                  .client()
                  .apply(
                      """
                      apiVersion: security.istio.io/v1
                      kind: AuthorizationPolicy
                      metadata: {name: deny, namespace: sample}
                      spec: {action: DENY, rules: [{to: [{operation: {paths: ["%s"]}}]}]}
                      """
                          .formatted(path));
              Until.holds("the new policy holds everywhere", () -> isRefused(caller, path));
              millis[1] = Duration.ofNanos(System.nanoTime() - from).toMillis();
              if (leads) {
                Until.seen(
                    "the Lease moves to a replica that lives",
                    this::holder,
                    now -> replicas.stream().anyMatch(one -> now.startsWith(one.name() + "_")));
                millis[2] = Duration.ofNanos(System.nanoTime() - from).toMillis();
              }
              Until.holds(
                  "all proxies are connected",
                  () -> sidecars.stream().allMatch(OneSidecar::connected));
              return null;
            });
    System.out.printf(
        "replica killed (%s): 20 certificates %d ms, new policy at all proxies %d ms, Lease moved %d ms, calls %s%n",
        leads ? "leader" : "follower", millis[0], millis[1], millis[2], outcomes);
    assertThat(outcomes.keySet())
        .as("what calls ended with")
        .allMatch(one -> one.startsWith("200"));
  }

  @Test
  void anyOneMayBeKilledAndNothingIsLost() throws Exception {
    try (Caller caller = new Caller(new InetSocketAddress(SLEEP, SamplePod.PROXY_PORT))) {
      Until.seen("httpbin is served", () -> caller.call("/ip"), one -> one.startsWith("200"));
      Until.holds(
          "all proxies are connected", () -> sidecars.stream().allMatch(OneSidecar::connected));
      killed(caller, named(replicas, holder()), true, "/headers");
      String leader = holder();
      Running follower =
          replicas.stream()
              .filter(one -> !leader.startsWith(one.name() + "_"))
              .findFirst()
              .orElseThrow();
      killed(caller, follower, false, "/get");
      assertThat(holder()).isEqualTo(leader);
    }
  }
}
