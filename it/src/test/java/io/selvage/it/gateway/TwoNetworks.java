package io.selvage.it.gateway;

import io.selvage.cli.agent.Agent;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.state.Invitation;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.it.envoy.EnvoyProcess;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.join.JoinedProxy;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.SidecarBootstrap;
import io.selvage.xds.bootstrap.SidecarBootstrap.Variant;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One mesh of our control plane over the networks {@code east} and {@code west}. Packets go from
 * one to the other only to and from the gateways of {@code west}; who else is there cannot be
 * reached from {@code east}. Every workload is of namespace {@code sample}, has an account, and, if
 * it serves, a service of its own name (HTTP, 8000).
 */
final class TwoNetworks implements AutoCloseable {
  static final String EAST = "east";
  static final String WEST = "west";
  static final int PORT = 15443;
  private static final int ADMIN = 15000;

  private final Path home;
  private final Opened opened = new Opened();
  private final MeshNetwork network;
  private final String mesh = MeshName.of("gate");
  private final OnePlane plane;
  private final ProxyEngine engine =
      new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
  private final Map<String, WorkloadNamespace> places = new LinkedHashMap<>();
  private final Map<String, AutoCloseable> proxies = new HashMap<>();
  private final Map<String, EnvoyProcess> envoys = new HashMap<>();

  /** Without workloads, with the gateway's configuration. */
  TwoNetworks(Path home) throws Exception {
    this.home = home;
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      this.network =
          opened.add(
              MeshNetwork.create(
                  new ProcessCommands(), mesh, List.of(EAST, WEST), home.resolve("netns")));
      Path folder = Files.createDirectories(home.resolve("folder"));
      Files.writeString(folder.resolve("mesh.yaml"), CONFIGURATION);
      this.plane = opened.add(OnePlane.start(folder, home.resolve("ca"), OnePlane.Ports.FREE));
      opened.add(engine);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private static final String CONFIGURATION =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: "trustDomain: it.mesh"
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: cross-network-gateway, namespace: istio-system}
      spec:
        selector: {istio: eastwestgateway}
        servers:
        - port: {number: 15443, name: tls, protocol: TLS}
          tls: {mode: AUTO_PASSTHROUGH}
          hosts: ["*.local"]
      """;

  /** CA and control plane. */
  OnePlane plane() {
    return plane;
  }

  /** Writes a file of the mesh's configuration. */
  void configure(String name, String yaml) throws IOException {
    Path file = home.resolve("folder").resolve(name + ".yaml");
    Path aside = home.resolve(name + ".aside");
    Files.writeString(aside, yaml);
    Files.move(aside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes these the addresses by which {@code west} is reached, and opens the way to them. */
  void gateways(String... names) throws Exception {
    var addresses = new ArrayList<String>();
    for (String name : names) {
      addresses.add(address(name));
    }
    configure(
        "gateways",
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: istio-eastwestgateway
          namespace: istio-system
          labels: {topology.istio.io/network: west}
        spec:
          externalIPs: [%s]
          ports: [{name: tls, port: 15443}]
        """
            .formatted(String.join(", ", addresses)));
    Until.seen(
        "the gateways are known",
        () ->
            plane.control().services().networks().gateways().stream()
                .map(gateway -> gateway.address())
                .sorted()
                .toList(),
        addresses.stream().sorted().toList()::equals);
  }

  /** From now on packets pass between the networks only to and from these. */
  void separate(String... gateways) {
    var some = new ArrayList<String>();
    for (String name : gateways) {
      some.add(address(name));
    }
    String set = "{ " + String.join(", ", some) + " }";
    Tool.run(
            Map.of(),
            """
            table ip split
            delete table ip split
            table ip split {
              chain forward {
                type filter hook forward priority 0; policy accept;
                iifname "br0" oifname "br1" ip daddr != %1$s drop
                iifname "br1" oifname "br0" ip saddr != %1$s drop
              }
            }
            """
                .formatted(set)
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            List.of("ip", "netns", "exec", "selvage-" + mesh + ".fabric", "nft", "-f", "-"))
        .well();
  }

  /** Adds a workload; {@code east} of these are clients, the others serve. */
  private WorkloadNamespace place(String name, String where, boolean captured, String app)
      throws Exception {
    WorkloadNamespace place = network.add(where, "sample", name, captured);
    places.put(name, place);
    register(name, where, app);
    return place;
  }

  private void register(String name, String where, String app) {
    plane
        .control()
        .workloads()
        .put(
            new WorkloadInstance(
                name,
                "sample",
                name,
                app.isEmpty() ? Map.of("istio", "eastwestgateway") : Map.of("app", app),
                address(name),
                Map.of(),
                Map.of(),
                OnePlane.CLUSTER,
                where,
                "",
                1,
                true));
  }

  /** Adds a workload with our proxy that serves HTTP at 8000 as {@code app}. */
  void addOurs(String name, String where, String app) throws Exception {
    NetworkNamespace namespace = open(place(name, where, true, app));
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(8000), name)));
    sidecar(name, where, namespace);
  }

  private void sidecar(String name, String where, NetworkNamespace namespace) throws Exception {
    opened.add(
        new OneSidecar(
            engine,
            new WorkloadSpec(
                "sample/" + name,
                Workload.UNKNOWN,
                Optional.of(namespace),
                true,
                List.of(),
                Optional.of(opened.add(Files.newOutputStream(home.resolve(name + ".log"))))),
            address(name),
            Map.of("NETWORK", where),
            Duration.ZERO,
            plane.invite(name)));
  }

  private NetworkNamespace open(WorkloadNamespace place) throws IOException {
    return opened.add(NetworkNamespace.open(place.path()));
  }

  /** Adds a workload with an Envoy that serves HTTP at 8000 as {@code app}. */
  void addEnvoy(String name, String where, String app) throws Exception {
    NetworkNamespace namespace = open(place(name, where, true, app));
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(8000), name)));
    startEnvoy(name, "sidecar", where);
  }

  /** Adds a gateway of ours to {@code west}, as {@code selvage proxy --type router} joins. */
  JoinedProxy addOurGateway(String name) throws Exception {
    place(name, WEST, false, "");
    return startOurGateway(name);
  }

  /** Starts a gateway of ours again that was stopped. */
  JoinedProxy startOurGateway(String name) throws Exception {
    OnePlane.Invitation invitation = plane.invite(name);
    Path folder = Files.createDirectories(home.resolve(name));
    Files.writeString(folder.resolve("root-cert.pem"), invitation.roots());
    Files.writeString(folder.resolve("istio-token"), invitation.token());
    JoinedProxy joined =
        JoinedProxy.start(
            engine,
            new JoinSettings(
                new JoinSettings.ControlPlane(
                    "127.0.0.1", invitation.adsPort(), OnePlane.SERVER_NAME),
                folder.resolve("root-cert.pem"),
                folder.resolve("istio-token"),
                new JoinSettings.Identity(
                    "sample", name, name, address(name), Map.of(), OnePlane.TRUST_DOMAIN),
                JoinSettings.Role.ROUTER,
                OnePlane.CLUSTER,
                OnePlane.TRUST_DOMAIN,
                Optional.of(WEST),
                true),
            JoinedProxy.Certificates.DEFAULT,
            Optional.of(open(place(name))),
            InstantSource.system());
    keep(name, joined);
    joined.ready().get(20, TimeUnit.SECONDS);
    return joined;
  }

  private void keep(String name, AutoCloseable proxy) {
    proxies.put(name, proxy);
    opened.add(
        () -> {
          if (proxies.remove(name, proxy)) {
            proxy.close();
          }
        });
  }

  /** Adds an Envoy to {@code west} as a gateway. */
  void addEnvoyGateway(String name) throws Exception {
    place(name, WEST, false, "");
    startEnvoy(name, "router", WEST);
  }

  /** Ends a gateway. */
  void stop(String name) throws Exception {
    AutoCloseable proxy = proxies.remove(name);
    if (proxy == null) {
      throw new AssertionError("no " + name);
    }
    proxy.close();
  }

  private void startEnvoy(String name, String kind, String where) throws Exception {
    Path socket = home.resolve("agents").resolve(name).resolve("agent.sock");
    var agent =
        opened.add(
            Agent.start(
                new Agent.Settings(
                    socket,
                    OptionalInt.of(CaptureRules.PROXY_UID),
                    Duration.ZERO,
                    InstantSource.system(),
                    new SecureRandom()),
                () -> invitation(name, kind, where)));
    agent.first().get(20, TimeUnit.SECONDS);
    Path bootstrap = home.resolve(name + ".json");
    Invitation invitation = invitation(name, kind, where);
    Files.writeString(
        bootstrap,
        new SidecarBootstrap(
                invitation.nodeId(),
                invitation.nodeCluster(),
                invitation.metadata(),
                socket,
                socket,
                new InetSocketAddress(RunningMesh.loopback(), ADMIN),
                Optional.empty(),
                Variant.DELTA)
            .json());
    EnvoyProcess envoy = EnvoyProcess.in(place(name), home, bootstrap);
    envoys.put(name, envoy);
    keep(name, envoy);
  }

  private Invitation invitation(String name, String kind, String where) {
    var invitation = plane.invite(name);
    return new Invitation(
        "127.0.0.1:" + invitation.caPort(),
        "127.0.0.1:" + invitation.adsPort(),
        OnePlane.SERVER_NAME,
        invitation.roots(),
        invitation.token(),
        "%s~%s~%s.sample~sample.svc.cluster.local".formatted(kind, address(name), name),
        name + ".sample",
        Map.of(Invitation.CLUSTER_ID, OnePlane.CLUSTER, "SERVICE_ACCOUNT", name, "NETWORK", where));
  }

  /** A service of HTTP at 8000 for what has that label {@code app}. */
  void service(String name, String app, String... annotations) throws Exception {
    configure(
        "service-" + name,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: sample, annotations: {%2$s}}
        spec:
          selector: {app: %3$s}
          ports: [{name: http, port: 8000}]
        """
            .formatted(name, String.join(", ", annotations), app));
    String host = name + ".sample.svc.cluster.local";
    Until.holds(host + " is known", () -> plane.control().services().service(host).isPresent());
  }

  /** Adds a workload to {@code west} whose program answers when it may. */
  HeldServer addHeld(String name) throws Exception {
    NetworkNamespace namespace = open(place(name, WEST, true, name));
    HeldServer held = opened.add(namespace.call(() -> new HeldServer(new InetSocketAddress(8000))));
    sidecar(name, WEST, namespace);
    Until.holds(
        name + " listens",
        () ->
            engine
                .workload("sample/" + name)
                .orElseThrow()
                .boundAddress("virtualInbound")
                .isPresent());
    return held;
  }

  /** Whether a proxy of ours has an endpoint for a service. */
  boolean knows(String name, String service) {
    return engine.workload("sample/" + name).orElseThrow().resources().endpoints().values().stream()
        .filter(
            endpoints ->
                endpoints.name().contains("." + service + ".sample.")
                    || endpoints.name().contains("|" + service + ".sample."))
        .anyMatch(endpoints -> !endpoints.localities().isEmpty());
  }

  WorkloadNamespace place(String name) {
    WorkloadNamespace place = places.get(name);
    if (place == null) {
      throw new AssertionError("no " + name);
    }
    return place;
  }

  /** The address of a workload. */
  String address(String name) {
    return place(name).address();
  }

  /** Waits until the gateway has a listener. */
  void awaitListener(String gateway) throws Exception {
    Until.holds(
        gateway + " listens",
        () ->
            run(gateway, Container.PROXY, "sh", "-c", "ss -Hltn | grep -c :15443 || true")
                .out()
                .strip()
                .equals("1"));
  }

  /** Runs a command in the place of a workload. */
  Tool.Ran run(String name, Container container, String... command) {
    return Tool.run(
        Map.of(), EntryCommand.of(place(name), container, OptionalLong.empty(), List.of(command)));
  }

  /** curl from a client's program to a service. */
  Tool.Ran curl(String from, String app, String path, String... more) {
    String host = app + ".sample";
    String address =
        plane
            .control()
            .services()
            .service(host + ".svc.cluster.local")
            .orElseThrow()
            .addresses()
            .getFirst();
    var line =
        new ArrayList<>(List.of("curl", "-sS", "-m", "20", "--resolve", host + ":8000:" + address));
    line.addAll(List.of(more));
    line.add("http://" + host + ":8000" + path);
    return run(from, Container.APPLICATION, line.toArray(String[]::new));
  }

  /** What its Envoy wrote, for who has to find out why something fails. */
  String diagnosis() throws IOException {
    var text = new StringBuilder();
    for (var entry : envoys.entrySet()) {
      text.append("%n== %s%n".formatted(entry.getKey()))
          .append(entry.getValue().log())
          .append(
              EnvoyProcess.admin(
                  EntryCommand.of(
                      place(entry.getKey()), Container.PROXY, OptionalLong.empty(), List.of("env")),
                  ADMIN,
                  "/clusters"));
    }
    return text.append(plane.control().status()).toString();
  }

  @Override
  public void close() {
    opened.close();
  }
}
