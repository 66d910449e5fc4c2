package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.Main;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.it.istiod.AgentSidecar;
import io.selvage.it.istiod.Installation;
import io.selvage.it.istiod.Istiod;
import io.selvage.it.istiod.KubeApi;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.PeerProcess;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A cluster in which Istio runs, as an administrator finds it: a real Kubernetes API, a real istiod
 * that signs by itself, and two workloads, {@code shop} and {@code pay} in namespaces of their
 * names, that call one another without end. mTLS is STRICT, and each may ask the other for {@code
 * /get} alone. There are no controllers and no nodes: {@link PlayedNode} does what they would.
 */
final class MigrationStage implements AutoCloseable {
  static final String ROOT = "istio-system";
  static final String CLUSTER = "Kubernetes";
  static final List<String> WORKLOADS = List.of("shop", "pay");

  private final Opened opened = new Opened();
  private final Path home;
  private final KubeApi kube;
  private final RunningIstiod istiod;
  private final PlayedNode node;
  private final Caller.Tally tally = new Caller.Tally();
  private final int controlPort = FreePort.find();
  private @Nullable PeerProcess control;
  private int controls;

  /** Who has which proxy. */
  enum Sidecars {
    /** Istio's under istiod, ours under our control plane. */
    OWN,
    /** Ours under istiod, Istio's under our control plane. */
    EXCHANGED
  }

  MigrationStage(Path home) throws Exception {
    this(home, Sidecars.OWN);
  }

  MigrationStage(Path home, Sidecars sidecars) throws Exception {
    this.home = home;
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      MeshNetwork network =
          opened.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("migrate"),
                  List.of(CLUSTER),
                  home.resolve("netns")));
      ProxyEngine engine =
          opened.add(
              new ProxyEngine(
                  new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
      this.kube = opened.add(KubeApi.start(home.resolve("kube")));
      Installation.into(kube.client());
      kube.client().apply(beginning());
      this.istiod = opened.add(new RunningIstiod(home.resolve("istiod"), kube));
      this.node = opened.add(new PlayedNode(home, this, sidecars, network, engine, tally));
      node.restartIstiod();
      for (String workload : WORKLOADS) {
        node.start(workload);
      }
      node.callEachOther();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private static String beginning() {
    var text =
        new StringBuilder(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                rootNamespace: istio-system
                trustDomain: cluster.local
              meshNetworks: "networks: {}"
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: istiod, namespace: istio-system, labels: {app: istiod, istio.io/rev: default}}
            spec:
              selector: {matchLabels: {app: istiod}}
              template:
                metadata: {labels: {app: istiod}}
                spec: {containers: [{name: discovery, image: pilot}]}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: selvage, namespace: istio-system, labels: {app: selvage}}
            spec:
              selector: {matchLabels: {app: selvage}}
              template:
                metadata: {labels: {app: selvage}}
                spec: {containers: [{name: control, image: selvage}]}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            """);
    for (String workload : WORKLOADS) {
      String other = WORKLOADS.stream().filter(w -> !w.equals(workload)).findFirst().orElseThrow();
      text.append(
          """
          ---
          {apiVersion: v1, kind: Namespace, metadata: {name: %1$s, labels: {istio-injection: enabled}}}
          ---
          {apiVersion: v1, kind: ServiceAccount, metadata: {name: %1$s, namespace: %1$s}}
          ---
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: %1$s, namespace: %1$s}
          spec:
            selector: {matchLabels: {app: %1$s}}
            template:
              metadata: {labels: {app: %1$s, sidecar.istio.io/inject: "true"}}
              spec: {serviceAccountName: %1$s, containers: [{name: app, image: app}]}
          ---
          apiVersion: security.istio.io/v1
          kind: AuthorizationPolicy
          metadata: {name: callers, namespace: %1$s}
          spec:
            rules:
            - from: [{source: {principals: [cluster.local/ns/%2$s/sa/%2$s]}}]
              to: [{operation: {paths: [/get]}}]
          """
              .formatted(workload, other));
    }
    return text.toString();
  }

  KubeApi kube() {
    return kube;
  }

  KubeClient client() {
    return kube.client();
  }

  RunningIstiod istiod() {
    return istiod;
  }

  PlayedNode node() {
    return node;
  }

  /** The object of the first manifest of a text, as it is now; nothing where there is none. */
  Optional<JsonNode> get(String manifest) throws IOException, InterruptedException {
    try {
      return Optional.of(client().get(Manifest.read(manifest).getFirst()));
    } catch (KubeClient.Refused e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Starts our control plane, as its Deployment would, and waits until it serves proxies. */
  void startControl() throws Exception {
    stopControl();
    String name = "selvage-" + ++controls;
    PeerProcess fresh =
        PeerProcess.start(
            name,
            home,
            Map.of("POD_NAME", name),
            Tool.java(
                List.of(),
                Main.class,
                "control",
                "--kubeconfig=" + kube.kubeconfig().toRealPath(),
                "--address=127.0.0.1",
                "--port=" + controlPort,
                "--webhook-port=0",
                "--ready-port=0",
                "--monitoring-port=0"));
    control = fresh;
    fresh.until("it serves proxies", fresh::log, log -> log.contains("ready: ADS and the CA"));
  }

  void stopControl() {
    PeerProcess now = control;
    if (now != null) {
      now.close();
    }
    control = null;
  }

  /** What our control plane wrote since its last start. */
  String controlLog() throws IOException {
    PeerProcess now = control;
    return now == null ? "" : now.log();
  }

  /** Where a Pod of that plane finds its control plane, on 127.0.0.1. */
  int port(Plane plane) {
    return plane == Plane.SELVAGE ? controlPort : istiod.port();
  }

  AgentSidecar.Plane joins(Plane plane, String namespace) throws Exception {
    return new AgentSidecar.Plane(
        port(plane),
        Istiod.SERVER_NAME,
        roots(namespace),
        Istiod.CLUSTER,
        Istiod.TRUST_DOMAIN,
        kube.client());
  }

  /** What kubelet mounts as roots into the Pods of a namespace. */
  String roots(String namespace) throws Exception {
    return Until.seen(
        "the roots of namespace " + namespace,
        () ->
            get("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: %s}}"
                    .formatted(namespace))
                .map(map -> map.path("data").path("root-cert.pem").asString(""))
                .orElse(""),
        roots -> !roots.isEmpty());
  }

  /** All answers so far were right, and each of the callers got some more since {@code before}. */
  void allIsWell(String when) throws Exception {
    node.goOn("traffic goes on " + when);
    assertThat(tally.wrong).as(when).isEmpty();
  }

  /** How many right answers there were. */
  long answers() {
    return tally.right.get();
  }

  /** Has our control plane run beside istiod, and {@code pay} under it. */
  void movePay(Guide guide) throws Exception {
    guide.run("selvage install");
    guide.run("kubectl label namespace pay --overwrite istio-injection- istio.io/rev=selvage");
    guide.run("kubectl -n pay rollout restart deployment");
  }

  /** Which control plane a Pod belongs to. */
  enum Plane {
    ISTIOD,
    SELVAGE
  }

  /**
   * As the injectors' selectors decide of Pods that ask for a sidecar themselves: Istio hears them
   * also in a namespace that says nothing to it.
   */
  Plane plane(String namespace) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    get("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace))
        .orElseThrow()
        .path("metadata")
        .path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
    boolean ours =
        "selvage".equals(labels.get("istio.io/rev"))
            || "enabled".equals(labels.get("selvage.io/injection"));
    boolean unsaid = !labels.containsKey("istio-injection") && !labels.containsKey("istio.io/rev");
    boolean istios = unsaid || "enabled".equals(labels.get("istio-injection"));
    assertThat(ours ^ istios).as("one injector alone answers for %s", labels).isTrue();
    return ours ? Plane.SELVAGE : Plane.ISTIOD;
  }

  @Override
  public void close() {
    stopControl();
    opened.close();
  }
}
