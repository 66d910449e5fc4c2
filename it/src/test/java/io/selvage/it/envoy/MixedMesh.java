package io.selvage.it.envoy;

import io.selvage.cli.agent.Agent;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.mesh.HostRelay;
import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.state.Invitation;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.SidecarBootstrap;
import io.selvage.xds.bootstrap.SidecarBootstrap.Variant;
import io.selvage.xds.server.ClientStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A mesh of our control plane in which some workloads have our proxy and some an Envoy; each has a
 * program that serves port 8000, and a service of its own name.
 */
final class MixedMesh implements AutoCloseable {
  private static final int ADMIN = 15000;

  private final Path home;
  private final MeshNetwork network;
  private OnePlane plane;
  private final ProxyEngine engine =
      new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
  private final Map<String, WorkloadNamespace> places = new LinkedHashMap<>();
  private final Map<String, Runnable> registrations = new LinkedHashMap<>();
  private OnePlane.Ports ports = OnePlane.Ports.FREE;
  private final Map<String, OneSidecar> ours = new LinkedHashMap<>();
  private final Map<String, Agent> agents = new LinkedHashMap<>();
  private final Map<String, PilotAgent> pilots = new LinkedHashMap<>();
  private final Map<String, EnvoyProcess> envoys = new LinkedHashMap<>();
  private final Opened opened = new Opened();

  /** A mesh without workloads, with the configuration in {@code home/folder}. */
  MixedMesh(Path home) throws Exception {
    this.home = home;
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    this.network =
        MeshNetwork.create(
            new ProcessCommands(),
            MeshName.of("envoy"),
            List.of(OnePlane.CLUSTER),
            home.resolve("netns"));
    opened.add(network);
    this.plane =
        OnePlane.start(
            Files.createDirectories(home.resolve("folder")),
            home.resolve("ca"),
            OnePlane.Ports.FREE);
    opened.add(() -> plane.close());
    opened.add(engine);
  }

  Path folder() {
    return home.resolve("folder");
  }

  private NetworkNamespace place(String name) throws Exception {
    WorkloadNamespace place = network.add(OnePlane.CLUSTER, "sample", name, true);
    places.put(name, place);
    NetworkNamespace namespace = NetworkNamespace.open(place.path());
    opened.add(namespace);
    service(name, name, 8000);
    register(name, Map.of("app", name), true);
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(8000), name)));
    return namespace;
  }

  private void register(String name, Map<String, String> labels, boolean hasProxy) {
    String address = required(places, name).address();
    Runnable registration = () -> plane.register(name, address, labels, Map.of(), hasProxy);
    registrations.put(name, registration);
    registration.run();
  }

  /** Gives a workload more labels than {@code app}. */
  void label(String name, Map<String, String> labels) {
    var all = new TreeMap<>(labels);
    all.put("app", name);
    register(name, all, true);
  }

  /** Adds a service of HTTP ports, which selects {@code app}. */
  void service(String name, String app, int... ports) throws Exception {
    var text =
        new StringBuilder(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: sample}
            spec:
              selector: {app: %s}
              ports:
            """
                .formatted(name, app));
    for (int port : ports) {
      text.append("  - {name: http-%d, port: %d}%n".formatted(port, port));
    }
    Files.writeString(folder().resolve(name + ".yaml"), text);
    String host = name + ".sample.svc.cluster.local";
    Until.holds(host + " is read", () -> plane.control().services().service(host).isPresent());
  }

  /**
   * Adds a workload without a proxy.
   *
   * @param programs ports of this machine by its own
   */
  void addWithoutProxy(String name, Map<Integer, Integer> programs) throws Exception {
    WorkloadNamespace place = network.add(OnePlane.CLUSTER, "sample", name, false);
    places.put(name, place);
    for (var program : programs.entrySet()) {
      opened.add(
          HostRelay.start(
              place,
              new InetSocketAddress("0.0.0.0", program.getKey()),
              new InetSocketAddress(RunningMesh.loopback(), program.getValue())));
    }
    register(name, Map.of("app", name), false);
  }

  /** Ends CA and control plane; they come back with {@link #startPlane}. */
  void stopPlane() {
    var invitation = plane.invite("nobody");
    ports = new OnePlane.Ports(invitation.caPort(), invitation.adsPort());
    plane.close();
  }

  /** Starts both again, as they were, where they were. */
  void startPlane() throws Exception {
    plane = OnePlane.start(folder(), home.resolve("ca"), ports);
    registrations.values().forEach(Runnable::run);
  }

  /** CA and control plane. */
  OnePlane plane() {
    return plane;
  }

  /** What a workload's proxy wrote, access log lines among it. */
  String log(String name) throws IOException {
    return ours.containsKey(name)
        ? Files.readString(home.resolve(name + ".log"))
        : envoy(name).log();
  }

  /** Adds a workload with our proxy. */
  void addOurs(String name) throws Exception {
    NetworkNamespace namespace = place(name);
    var sidecar =
        new OneSidecar(
            engine,
            new WorkloadSpec(
                "sample/" + name,
                Workload.UNKNOWN,
                Optional.of(namespace),
                true,
                List.of(),
                Optional.of(opened.add(Files.newOutputStream(home.resolve(name + ".log"))))),
            required(places, name).address(),
            Map.of(),
            Duration.ZERO,
            plane.invite(name));
    opened.add(sidecar);
    ours.put(name, sidecar);
  }

  /**
   * Adds a workload with an Envoy.
   *
   * @param delta whether it speaks incremental xDS
   */
  void addEnvoy(String name, boolean delta) throws Exception {
    addEnvoy(name, delta, Duration.ZERO);
  }

  /**
   * Adds a workload with an Envoy.
   *
   * @param life of its certificates; zero for the CA's default
   */
  void addEnvoy(String name, boolean delta, Duration life) throws Exception {
    place(name);
    Path socket = home.resolve("agents").resolve(name).resolve("agent.sock");
    var agent =
        Agent.start(
            new Agent.Settings(
                socket,
                OptionalInt.of(CaptureRules.PROXY_UID),
                life,
                InstantSource.system(),
                new SecureRandom()),
            () -> invitation(name));
    opened.add(agent);
    agents.put(name, agent);
    agent.first().get(20, TimeUnit.SECONDS);
    Path bootstrap = home.resolve(name + ".json");
    Files.writeString(bootstrap, bootstrap(invitation(name), socket, delta));
    var envoy = EnvoyProcess.in(required(places, name), home, bootstrap);
    opened.add(envoy);
    envoys.put(name, envoy);
  }

  private Invitation invitation(String name) {
    var invitation = plane.invite(name);
    return new Invitation(
        "127.0.0.1:" + invitation.caPort(),
        "127.0.0.1:" + invitation.adsPort(),
        OnePlane.SERVER_NAME,
        invitation.roots(),
        invitation.token(),
        "sidecar~%s~%s.sample~sample.svc.cluster.local"
            .formatted(required(places, name).address(), name),
        name + ".sample",
        Map.of(Invitation.CLUSTER_ID, OnePlane.CLUSTER, "SERVICE_ACCOUNT", name));
  }

  private static String bootstrap(Invitation invitation, Path socket, boolean delta) {
    return new SidecarBootstrap(
            invitation.nodeId(),
            invitation.nodeCluster(),
            invitation.metadata(),
            socket,
            socket,
            new InetSocketAddress(RunningMesh.loopback(), ADMIN),
            Optional.of(new InetSocketAddress(15090)),
            delta ? Variant.DELTA : Variant.STATE_OF_THE_WORLD)
        .json();
  }

  /**
   * Adds a workload with Istio's agent, which starts an Envoy.
   *
   * @param life of its certificates
   */
  void addPilotAgent(String name, Duration life) throws Exception {
    place(name);
    WorkloadNamespace place = required(places, name);
    opened.add(
        HostRelay.start(
            place,
            new InetSocketAddress(RunningMesh.loopback(), PilotAgent.DISCOVERY_PORT),
            new InetSocketAddress(RunningMesh.loopback(), plane.invite(name).adsPort())));
    var agent = PilotAgent.start(place, home, name, life, plane.invite(name));
    opened.add(agent);
    pilots.put(name, agent);
  }

  /** Istio's agent of a workload. */
  PilotAgent pilot(String name) {
    return required(pilots, name);
  }

  /** The agent beside the Envoy of a workload. */
  Agent agent(String name) {
    return required(agents, name);
  }

  /** How far the proxy of a workload is, in the control plane's eyes. */
  ClientStatus client(String name) {
    return plane.control().ads().status().stream()
        .filter(client -> client.nodeId().contains("~" + name + ".sample~"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not connected"));
  }

  /** The Envoy of a workload. */
  EnvoyProcess envoy(String name) {
    return required(envoys, name);
  }

  /** What its admin endpoint answers. */
  String admin(String name, String path) {
    return EnvoyProcess.admin(
        EntryCommand.of(
            required(places, name), Container.PROXY, OptionalLong.empty(), List.of("env")),
        ADMIN,
        path);
  }

  /** The port at which the control plane is asked, and what its operator shows there. */
  OnePlane.Invitation operator() {
    return plane.operator();
  }

  /** The configuration dump of a workload's proxy, ours or Envoy's. */
  String configDump(String name) throws Exception {
    String path = ProxyAdminServer.CONFIG_DUMP + "?include_eds";
    if (envoys.containsKey(name)) {
      return admin(name, path);
    }
    try (var admin =
        ProxyAdminServer.ofWorkload(
            required(ours, name).proxy(),
            InstantSource.system(),
            new InetSocketAddress(RunningMesh.loopback(), 0))) {
      return EnvoyProcess.admin(List.of("env"), admin.address().getPort(), path);
    }
  }

  /** How every Envoy stands, for who has to find out why something fails. */
  String diagnosis() throws IOException {
    var text = new StringBuilder();
    for (var entry : envoys.entrySet()) {
      String name = entry.getKey();
      text.append("%n== %s: %s%n".formatted(name, plane.control().ads().status()))
          .append(entry.getValue().log())
          .append(admin(name, "/init_dump"))
          .append(admin(name, "/listeners"))
          .append(admin(name, "/certs"))
          .append(admin(name, "/stats?usedonly&filter=ssl|sds|no_filter|cx_connect_fail|rbac"));
    }
    for (var pilot : pilots.values()) {
      text.append(pilot.log());
    }
    return text.toString();
  }

  /** The SHA-256 of the certificate that a workload shows. */
  String fingerprint(String name) {
    var rotation =
        ours.containsKey(name) ? required(ours, name).rotation() : agent(name).rotation();
    return rotation.current().orElseThrow().certificate().sha256Hex();
  }

  /** The address of a workload. */
  String address(String name) {
    return required(places, name).address();
  }

  /** The address of a workload's service. */
  String serviceAddress(String name) {
    return plane
        .control()
        .services()
        .service(name + ".sample.svc.cluster.local")
        .orElseThrow()
        .addresses()
        .getFirst();
  }

  /** Runs a command in the place of a workload. */
  Tool.Ran run(String name, Container container, List<String> command) {
    return Tool.run(
        Map.of(),
        EntryCommand.of(required(places, name), container, OptionalLong.empty(), command));
  }

  /** The network of a workload. */
  NetworkNamespace network(String name) throws IOException {
    return NetworkNamespace.open(required(places, name).path());
  }

  /** curl at the program of {@code from}, or past its proxy, to the service of {@code to}. */
  Tool.Ran curl(String from, Container container, String to, List<String> more, String path) {
    String host = to + ".sample";
    String address = serviceAddress(to);
    if (container == Container.PROXY) {
      address = required(places, to).address();
    }
    var line = new ArrayList<>(List.of("curl", "-sS", "-m", "20", "--path-as-is"));
    line.addAll(List.of("--resolve", host + ":8000:" + address));
    line.addAll(more);
    line.add("http://" + host + ":8000" + path);
    return run(from, container, line);
  }

  private static <T> T required(Map<String, T> all, String name) {
    T one = all.get(name);
    if (one == null) {
      throw new AssertionError("no " + name);
    }
    return one;
  }

  @Override
  public void close() {
    opened.close();
  }
}
