package io.selvage.it.migrate;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.istiod.AgentSidecar;
import io.selvage.it.istiod.Istiod;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.Workload;
import io.selvage.it.istiod.Workload.ServicePort;
import io.selvage.it.migrate.MigrationStage.Plane;
import io.selvage.it.migrate.MigrationStage.Sidecars;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.join.JoinedProxy;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What controllers, injectors and kubelet do in a cluster that has them: Pods in network
 * namespaces, with the sidecar of the control plane that their namespace's labels name. A restart
 * is a rolling one: the next Pod is ready before the former one goes.
 */
final class PlayedNode implements AutoCloseable {
  private static final int PORT = 8080;
  private static final List<ServicePort> PORTS = List.of(new ServicePort("http", 8000, PORT));

  private final Path home;
  private final MigrationStage stage;
  private final Sidecars sidecars;
  private final MeshNetwork network;
  private final ProxyEngine engine;
  private final Caller.Tally tally;
  private final NetworkNamespace outside;
  private final Opened opened = new Opened();
  private final Map<String, Pod> pods = new LinkedHashMap<>();
  private int made;

  /** A Pod that runs. */
  private static final class Pod {
    final Workload workload;
    final Plane plane;
    final Opened parts = new Opened();
    final NetworkNamespace namespace;
    final Path place;
    final Path folder;
    @Nullable Sidecar sidecar;
    @Nullable Caller caller;

    Pod(Workload workload, Plane plane, Path place, Path folder) throws IOException {
      this.workload = workload;
      this.plane = plane;
      this.place = place;
      this.namespace = parts.add(NetworkNamespace.open(place));
      this.folder = folder;
    }

    Caller caller() {
      Caller now = caller;
      if (now == null) {
        throw new AssertionError(workload + " calls nobody yet");
      }
      return now;
    }

    Sidecar sidecar() {
      Sidecar now = sidecar;
      if (now == null) {
        throw new AssertionError(workload + " has no sidecar yet");
      }
      return now;
    }
  }

  PlayedNode(
      Path home,
      MigrationStage stage,
      Sidecars sidecars,
      MeshNetwork network,
      ProxyEngine engine,
      Caller.Tally tally)
      throws Exception {
    this.home = home;
    this.stage = stage;
    this.sidecars = sidecars;
    this.network = network;
    this.engine = engine;
    this.tally = tally;
    WorkloadNamespace bare = network.add(MigrationStage.CLUSTER, "outside", "outside", false);
    this.outside = opened.add(NetworkNamespace.open(bare.path()));
  }

  /** The API server dates by the second, and what is to be seen as younger has to be. */
  private void aSecondLater() throws Exception {
    Instant before = stage.client().now();
    Until.seen("the next second", () -> stage.client().now(), now -> now.isAfter(before));
  }

  /** Starts istiod anew, and its Pod's object with it. */
  void restartIstiod() throws Exception {
    stage.istiod().start();
    aSecondLater();
    int now = stage.istiod().starts();
    stage
        .client()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: istiod-%d, namespace: istio-system, labels: {app: istiod, istio.io/rev: default}}
            spec: {serviceAccountName: istiod, containers: [{name: discovery, image: pilot}]}
            """
                .formatted(now));
    if (now > 1) {
      stage
          .client()
          .deleteNow(
              Manifest.read(
                      "{apiVersion: v1, kind: Pod, metadata: {name: istiod-%d, namespace: istio-system}}"
                          .formatted(now - 1))
                  .getFirst());
    }
  }

  /** Ends istiod, whose Deployment was deleted. */
  void stopIstiod() throws Exception {
    stage.istiod().stop();
    stage
        .client()
        .deleteNow(
            Manifest.read(
                    "{apiVersion: v1, kind: Pod, metadata: {name: istiod-%d, namespace: istio-system}}"
                        .formatted(stage.istiod().starts()))
                .getFirst());
  }

  /** Makes the first Pod of a workload. */
  void start(String name) throws Exception {
    pods.put(name, ready(name));
  }

  /** Replaces a workload's Pod, as {@code kubectl rollout restart} has it done. */
  void restart(String name) throws Exception {
    Pod old = pod(name);
    Pod fresh = ready(name);
    for (Pod other : pods.values()) {
      if (other != old) {
        Until.holds(
            "the others send to the new Pod and no longer to the old",
            () ->
                other.sidecar().sendsTo(fresh.workload.address())
                    && !other.sidecar().sendsTo(old.workload.address()));
      }
    }
    Until.holds(
        "the new Pod knows of the others",
        () -> fresh.sidecar().sendsTo(pod(other(name)).workload.address()));
    pods.put(name, fresh);
    call(fresh);
    goOn("what was under way to the old Pod has ended");
    old.parts.close();
    stage.client().deleteNow(old.workload.running());
  }

  private Pod pod(String name) {
    Pod now = pods.get(name);
    if (now == null) {
      throw new AssertionError("no Pod of " + name);
    }
    return now;
  }

  private static String other(String name) {
    return MigrationStage.WORKLOADS.stream().filter(w -> !w.equals(name)).findFirst().orElseThrow();
  }

  /** A Pod whose sidecar serves and to which traffic is sent. */
  private Pod ready(String name) throws Exception {
    aSecondLater();
    Plane plane = stage.plane(name);
    String podName = name + "-" + ++made;
    WorkloadNamespace place = network.add(MigrationStage.CLUSTER, name, podName, true);
    var workload = new Workload(name, podName, name, place.address(), Map.of("app", name));
    Pod pod =
        new Pod(workload, plane, place.path(), Files.createDirectories(home.resolve(podName)));
    opened.add(pod.parts);
    pod.parts.add(pod.namespace.call(() -> Httpbin.start(new InetSocketAddress(PORT), podName)));
    stage.client().apply(List.of(object(workload, plane)));
    stage.client().status(workload.running());
    boolean istios = (plane == Plane.ISTIOD) == (sidecars == Sidecars.OWN);
    pod.sidecar = pod.parts.add(istios ? istios(workload, place, pod) : ours(workload, pod));
    stage.client().apply(workload.service(name, PORTS));
    return pod;
  }

  private static JsonNode object(Workload workload, Plane plane) {
    String revision = plane == Plane.ISTIOD ? "default" : "selvage";
    return Manifest.read(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: %2$s
              namespace: %1$s
              labels: {app: %1$s, security.istio.io/tlsMode: istio, istio.io/rev: %3$s}
              annotations: {sidecar.istio.io/status: '{"containers": ["istio-proxy"], "revision": "%3$s"}'}
            spec:
              serviceAccountName: %1$s
              nodeName: node
              containers: [{name: app, image: app}, {name: istio-proxy, image: proxy}]
            """
                .formatted(workload.namespace(), workload.name(), revision))
        .getFirst();
  }

  private Sidecar istios(Workload workload, WorkloadNamespace place, Pod pod) throws Exception {
    return new Sidecar.Istios(
        AgentSidecar.start(
            stage.joins(pod.plane, workload.namespace()),
            workload,
            place,
            pod.folder.resolve("agent")));
  }

  private Sidecar ours(Workload workload, Pod pod) throws Exception {
    Files.writeString(pod.folder.resolve("root-cert.pem"), stage.roots(workload.namespace()));
    Files.writeString(
        pod.folder.resolve("istio-token"),
        stage.client().istioToken(workload.namespace(), workload.account(), workload.name()));
    JoinedProxy joined =
        JoinedProxy.start(
            engine,
            new JoinSettings(
                new JoinSettings.ControlPlane(
                    "127.0.0.1", stage.port(pod.plane), Istiod.SERVER_NAME),
                pod.folder.resolve("root-cert.pem"),
                pod.folder.resolve("istio-token"),
                new JoinSettings.Identity(
                    workload.namespace(),
                    workload.name(),
                    workload.account(),
                    workload.address(),
                    workload.labels(),
                    "cluster.local"),
                MigrationStage.CLUSTER,
                "cluster.local",
                Optional.empty(),
                true),
            JoinedProxy.Certificates.DEFAULT,
            Optional.of(pod.parts.add(NetworkNamespace.open(pod.place))),
            InstantSource.system());
    var sidecar = new Sidecar.Ours(joined);
    try {
      Until.seen(
          "our proxy of " + workload.name() + " serves",
          () -> joined.ready().isDone() ? "ready" : joined.state() + " " + stage.controlLog(),
          "ready"::equals);
    } catch (Throwable e) {
      sidecar.close();
      throw e;
    }
    return sidecar;
  }

  /** Has the workloads call one another, once all have a Pod. */
  void callEachOther() throws Exception {
    for (Pod pod : pods.values()) {
      Until.holds(
          "each knows of the other",
          () -> pod.sidecar().sendsTo(pod(other(pod.workload.namespace())).workload.address()));
    }
    for (Pod pod : pods.values()) {
      call(pod);
    }
  }

  /** Waits until each caller has asked some more. */
  void goOn(String why) throws Exception {
    for (Pod pod : pods.values()) {
      pod.caller().passes(pod.workload.name() + ": " + why);
    }
  }

  private void call(Pod pod) throws Exception {
    pod.caller =
        pod.parts.add(
            new Caller(
                pod.workload.name(),
                "%1$s.%1$s:8000".formatted(other(pod.workload.namespace())),
                pod.namespace,
                new InetSocketAddress(service(other(pod.workload.namespace())), 8000),
                List.of(new Caller.Wanted("/get", "200"), new Caller.Wanted("/headers", "403")),
                tally));
    pod.parts.add(
        new Caller(
            "a stranger",
            "it",
            outside,
            new InetSocketAddress(InetAddress.ofLiteral(pod.workload.address()), PORT),
            List.of(new Caller.Wanted("/get", "000")),
            tally));
  }

  private InetAddress service(String name) throws Exception {
    return InetAddress.ofLiteral(
        stage
            .get(
                "{apiVersion: v1, kind: Service, metadata: {name: %1$s, namespace: %1$s}}"
                    .formatted(name))
            .orElseThrow()
            .path("spec")
            .path("clusterIP")
            .asString());
  }

  @Override
  public void close() {
    opened.close();
  }
}
