package io.selvage.it.istiod;

import io.selvage.cli.Main;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.join.JoinedProxy;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.transport.Transport;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A mesh of a real istiod in which some workloads have our proxy, some Istio's sidecar and some
 * none. Each is of namespace {@code foo}, has an account and a service of its own name, serves HTTP
 * at 8080 (the service's 8000), and echoes TCP at 9090 (the service's 9000).
 */
final class IstiodMesh implements AutoCloseable {
  private static final List<Workload.ServicePort> PORTS =
      List.of(
          new Workload.ServicePort("http", 8000, 8080),
          new Workload.ServicePort("tcp", 9000, 9090));

  private final Path home;
  private final MeshNetwork network;
  private final Istiod istiod;
  private final ProxyEngine engine =
      new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
  private final Map<String, WorkloadNamespace> places = new LinkedHashMap<>();
  private final Map<String, JoinedProxy> ours = new LinkedHashMap<>();
  private final Map<String, AgentSidecar> agents = new LinkedHashMap<>();
  private final Opened opened = new Opened();

  /** A mesh without workloads. */
  IstiodMesh(Path home, Istiod.Settings settings) throws Exception {
    this.home = home;
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      this.network =
          opened.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("istiod"),
                  List.of(Istiod.CLUSTER),
                  home.resolve("netns")));
      opened.add(engine);
      this.istiod = opened.add(Istiod.start(home.resolve("istiod"), settings));
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  Istiod istiod() {
    return istiod;
  }

  private Workload place(String name, boolean captured) throws Exception {
    return place(name, captured, Map.of());
  }

  private Workload place(String name, boolean captured, Map<String, String> labels)
      throws Exception {
    NetworkNamespace namespace = namespace(name, captured);
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(8080), name)));
    opened.add(new TcpEcho(namespace, 9090));
    return workload(name, labels);
  }

  private Workload workload(String name, Map<String, String> more) {
    var labels = new LinkedHashMap<>(Map.of("app", name, "version", "v1"));
    labels.putAll(more);
    return new Workload("foo", name, name, address(name), labels);
  }

  private NetworkNamespace namespace(String name, boolean captured) throws Exception {
    WorkloadNamespace place = network.add(Istiod.CLUSTER, "foo", name, captured);
    places.put(name, place);
    return opened.add(NetworkNamespace.open(place.path()));
  }

  /** Adds a workload that is in no mesh. */
  void addBare(String name) throws Exception {
    place(name, false);
  }

  /** Adds an external authorizer without a sidecar, whose service has the workload's name. */
  ExternalAuthorizer addAuthorizer(String name) throws Exception {
    NetworkNamespace namespace = namespace(name, false);
    ExternalAuthorizer authorizer =
        opened.add(namespace.call(() -> new ExternalAuthorizer(new InetSocketAddress(8080))));
    istiod.add(workload(name, Map.of(Workload.TLS_MODE, "disabled")), name, PORTS);
    return authorizer;
  }

  /** Adds a workload with Istio's own sidecar. */
  void addAgent(String name) throws Exception {
    addAgent(name, Map.of());
  }

  /** Adds a workload of more labels with Istio's own sidecar. */
  void addAgent(String name, Map<String, String> labels) throws Exception {
    Workload workload = place(name, true, labels);
    istiod.add(workload, name, PORTS);
    agents.put(
        name,
        opened.add(
            AgentSidecar.start(
                istiod, workload, required(places, name), home.resolve(name + "-sidecar"))));
  }

  /**
   * Adds a workload with our proxy, which begins to join.
   *
   * @param delta whether it speaks incremental xDS
   */
  JoinedProxy addOurs(String name, boolean delta, Duration life) throws Exception {
    Workload workload = place(name, true);
    istiod.add(workload, name, PORTS);
    Path folder = credentials(name);
    var settings =
        new JoinSettings(
            new JoinSettings.ControlPlane("127.0.0.1", istiod.port(), Istiod.SERVER_NAME),
            folder.resolve("root-cert.pem"),
            folder.resolve("istio-token"),
            new JoinSettings.Identity(
                "foo", name, name, workload.address(), workload.labels(), "cluster.local"),
            Istiod.CLUSTER,
            Istiod.TRUST_DOMAIN,
            Optional.empty(),
            delta);
    NetworkNamespace namespace = opened.add(NetworkNamespace.open(required(places, name).path()));
    JoinedProxy joined =
        opened.add(
            JoinedProxy.start(
                engine,
                settings,
                new JoinedProxy.Certificates(life),
                Optional.of(namespace),
                InstantSource.system()));
    ours.put(name, joined);
    return joined;
  }

  /** Adds a gateway of ours, with no program behind it, and waits until it serves. */
  JoinedProxy addGateway(String name, Map<String, String> labels, String of) throws Exception {
    NetworkNamespace namespace = namespace(name, false);
    Workload workload = workload(name, labels);
    istiod.add(workload);
    Path folder = credentials(name);
    JoinedProxy joined =
        JoinedProxy.start(
            engine,
            new JoinSettings(
                new JoinSettings.ControlPlane("127.0.0.1", istiod.port(), Istiod.SERVER_NAME),
                folder.resolve("root-cert.pem"),
                folder.resolve("istio-token"),
                new JoinSettings.Identity(
                    "foo", name, name, workload.address(), workload.labels(), "cluster.local"),
                JoinSettings.Role.ROUTER,
                Istiod.CLUSTER,
                Istiod.TRUST_DOMAIN,
                Optional.of(of),
                true),
            JoinedProxy.Certificates.DEFAULT,
            Optional.of(namespace),
            InstantSource.system());
    opened.add(joined);
    return joined;
  }

  /**
   * Adds a workload with our proxy in a process of its own, as a user starts it, and waits until it
   * says that it listens.
   */
  void addCommand(String name) throws Exception {
    Workload workload = place(name, true);
    istiod.add(workload, name, PORTS);
    Path folder = credentials(name);
    PeerProcess command =
        opened.add(
            PeerProcess.start(
                "selvage",
                folder,
                Map.of(),
                Tool.java(
                    List.of(),
                    Main.class,
                    "proxy",
                    "--istiod=127.0.0.1:" + istiod.port(),
                    "--root=root-cert.pem",
                    "--token=istio-token",
                    "--namespace=foo",
                    "--service-account=" + name,
                    "--ip=" + workload.address(),
                    "--label=app=" + name,
                    "--netns=" + required(places, name).path(),
                    "--event-loops=1")));
    command.until(
        "it says that it listens",
        command::log,
        log -> log.contains("virtualInbound listens on") && log.contains("virtualOutbound"));
  }

  private Path credentials(String name) throws Exception {
    Path folder = Files.createDirectories(home.resolve(name + "-ours"));
    Files.writeString(folder.resolve("root-cert.pem"), istiod.roots());
    Files.writeString(folder.resolve("istio-token"), token(name));
    return folder;
  }

  private String token(String name) throws Exception {
    return istiod.kube().client().istioToken("foo", name, name);
  }

  /** Puts another token where the workload's proxy reads it. */
  void renewToken(String name) throws Exception {
    Files.writeString(home.resolve(name + "-ours/istio-token"), token(name));
  }

  /** Has istiod hold exactly these resources of Istio's, and waits until every proxy has them. */
  void replace(String resources) throws Exception {
    istiod.replace(Manifest.read(resources));
    settle();
  }

  /** Waits until every proxy has what istiod knows. */
  void settle() throws Exception {
    String mark = istiod.mark();
    for (AgentSidecar each : agents.values()) {
      each.await(mark);
    }
    for (JoinedProxy each : ours.values()) {
      await(each, mark);
    }
  }

  /** Waits until Istio's own sidecars have what istiod knows. */
  void settleAgents() throws Exception {
    String mark = istiod.mark();
    for (AgentSidecar each : agents.values()) {
      each.await(mark);
    }
  }

  private static void await(JoinedProxy each, String mark) throws Exception {
    Until.seen(
        each.proxy().spec().name() + " has the listener " + mark,
        () -> List.of(each.proxy().resources().listeners().keySet(), each.state()),
        seen -> each.proxy().resources().listeners().containsKey(mark));
  }

  /** What istiod knows of how a workload's proxy took its listeners: {@code syncz}. */
  JsonNode listeners(String name) throws Exception {
    for (JsonNode proxy : istiod.debug("syncz")) {
      if (proxy.path("proxy").asString().equals(name + ".foo")) {
        return proxy
            .path("resources")
            .path("type.googleapis.com/envoy.config.listener.v3.Listener");
      }
    }
    return JsonNodeFactory.instance.objectNode();
  }

  /** The address of a workload's service. */
  String serviceAddress(String name) throws Exception {
    return istiod
        .kube()
        .client()
        .get(
            Manifest.read(
                    "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: foo}}"
                        .formatted(name))
                .getFirst())
        .path("spec")
        .path("clusterIP")
        .asString();
  }

  /** A socket of a workload's namespace, past its proxy if it has one there. */
  SocketChannel socket(String name) throws Exception {
    try (var namespace = NetworkNamespace.open(required(places, name).path())) {
      return namespace.call(SocketChannel::open);
    }
  }

  /** Waits for that proxy of ours no more. */
  void forget(String name) {
    ours.remove(name);
  }

  String address(String name) {
    return required(places, name).address();
  }

  AgentSidecar agent(String name) {
    return required(agents, name);
  }

  /** Runs a program of the workload's application, whose traffic is captured. */
  Tool.Ran run(String name, String... command) {
    return Tool.run(
        Map.of(),
        EntryCommand.of(
            required(places, name), Container.APPLICATION, OptionalLong.empty(), List.of(command)));
  }

  /** What a program of the workload gets over HTTP: the status, 000 for none, and the body. */
  Answer curl(String name, String url, String... more) {
    var line = new ArrayList<>(List.of("curl", "-s", "-m", "10", "-w", "\n%{http_code}"));
    line.addAll(List.of(more));
    line.add(url);
    String out = run(name, line.toArray(String[]::new)).out();
    int end = out.lastIndexOf('\n');
    return new Answer(out.substring(end + 1), out.substring(0, Math.max(end, 0)));
  }

  /** A status and a body. */
  record Answer(String status, String body) {}

  private static <T> T required(Map<String, T> map, String name) {
    @Nullable T found = map.get(name);
    if (found == null) {
      throw new AssertionError("no " + name + " among " + map.keySet());
    }
    return found;
  }

  @Override
  public void close() {
    opened.close();
  }
}
