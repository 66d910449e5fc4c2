package io.selvage.it.envoy;

import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
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
import java.util.OptionalLong;

/**
 * A mesh of our control plane in which some workloads have our proxy and some an Envoy; each has a
 * program that serves port 8000, and a service of its own name.
 */
final class MixedMesh implements AutoCloseable {
  private static final int ADMIN = 15000;
  private static final int AGENT = 15010;

  private final Path home;
  private final MeshNetwork network;
  private final OnePlane plane;
  private final ProxyEngine engine =
      new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
  private final Map<String, WorkloadNamespace> places = new LinkedHashMap<>();
  private final Map<String, OneSidecar> ours = new LinkedHashMap<>();
  private final Map<String, WorkloadCertificate> certificates = new LinkedHashMap<>();
  private final Map<String, EnvoyAgent> agents = new LinkedHashMap<>();
  private final Map<String, EnvoyProcess> envoys = new LinkedHashMap<>();
  private final Opened opened = new Opened();

  /** A mesh without workloads, with the configuration in {@code home/folder}. */
  MixedMesh(Path home) throws Exception {
    this.home = home;
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    this.network =
        MeshNetwork.create(
            new ProcessCommands(),
            "envoy" + ProcessHandle.current().pid(),
            List.of(OnePlane.CLUSTER),
            home.resolve("netns"));
    opened.add(network);
    this.plane =
        OnePlane.start(
            Files.createDirectories(home.resolve("folder")),
            home.resolve("ca"),
            OnePlane.Ports.FREE);
    opened.add(plane);
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
    Files.writeString(folder().resolve(name + ".yaml"), service(name));
    plane.register(name, place.address(), Map.of());
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(8000), name)));
    return namespace;
  }

  private static String service(String name) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: sample}
    spec:
      selector: {app: %1$s}
      ports: [{name: http, port: 8000}]
    """
        .formatted(name);
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
                Optional.empty()),
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
    NetworkNamespace namespace = place(name);
    var invitation = plane.invite(name);
    TrustBundle roots = TrustBundle.parse(invitation.roots());
    WorkloadCertificate certificate =
        new CertificateClient(
                CertificateClient.Settings.of(
                    "127.0.0.1", invitation.caPort(), OnePlane.SERVER_NAME, OnePlane.CLUSTER),
                () -> roots,
                () -> Optional.of(invitation.token()),
                Thread::sleep,
                InstantSource.system(),
                new SecureRandom())
            .request(Optional.empty())
            .certificate();
    certificates.put(name, certificate);
    var agent = new EnvoyAgent(namespace, AGENT, channel(invitation, certificate), certificate);
    opened.add(agent);
    agents.put(name, agent);
    Path bootstrap = home.resolve(name + ".json");
    Files.writeString(bootstrap, bootstrap(name, required(places, name).address(), delta));
    var envoy = EnvoyProcess.in(required(places, name), home, bootstrap);
    opened.add(envoy);
    envoys.put(name, envoy);
  }

  private static ManagedChannel channel(
      OnePlane.Invitation invitation, WorkloadCertificate certificate) throws Exception {
    return NettyChannelBuilder.forAddress(
            "127.0.0.1",
            invitation.adsPort(),
            TlsChannelCredentials.newBuilder()
                .trustManager(pem(invitation.roots()))
                .keyManager(pem(certificate.chainPem()), pem(certificate.privateKeyPem()))
                .build())
        .overrideAuthority(OnePlane.SERVER_NAME)
        .build();
  }

  private static ByteArrayInputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String bootstrap(String name, String address, boolean delta) {
    return """
    {
      "node": {
        "id": "sidecar~%2$s~%1$s.sample~sample.svc.cluster.local",
        "cluster": "%1$s.sample",
        "metadata": {"CLUSTER_ID": "local", "SERVICE_ACCOUNT": "%1$s"}
      },
      "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": %4$d}}},
      "dynamic_resources": {
        "ads_config": {
          "api_type": "%3$s",
          "transport_api_version": "V3",
          "set_node_on_first_message_only": true,
          "grpc_services": [{"envoy_grpc": {"cluster_name": "agent"}}]
        },
        "cds_config": {"ads": {}, "resource_api_version": "V3"},
        "lds_config": {"ads": {}, "resource_api_version": "V3"}
      },
      "static_resources": {
        "clusters": [{
          "name": "agent",
          "type": "STATIC",
          "connect_timeout": "5s",
          "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http2_protocol_options": {}}
            }
          },
          "load_assignment": {
            "cluster_name": "agent",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address":
              {"address": "127.0.0.1", "port_value": %5$d}}}}]}]
          }
        }]
      }
    }
    """
        .formatted(name, address, delta ? "DELTA_GRPC" : "GRPC", ADMIN, AGENT);
  }

  /** The agent beside the Envoy of a workload. */
  EnvoyAgent agent(String name) {
    return required(agents, name);
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

  /** How every Envoy stands, for who has to find out why something fails. */
  String diagnosis() throws IOException {
    var text = new StringBuilder();
    for (var entry : envoys.entrySet()) {
      String name = entry.getKey();
      var agent = agent(name);
      text.append("%n== %s took %s, refused %s%n".formatted(name, agent.accepted, agent.refusals))
          .append(entry.getValue().log())
          .append(admin(name, "/init_dump"))
          .append(admin(name, "/listeners"))
          .append(admin(name, "/certs"))
          .append(admin(name, "/stats?usedonly&filter=ssl|sds|no_filter|cx_connect_fail|rbac"));
    }
    return text.toString();
  }

  /** The SHA-256 of the certificate that a workload shows. */
  String fingerprint(String name) {
    WorkloadCertificate held =
        ours.containsKey(name)
            ? required(ours, name).rotation().current().orElseThrow().certificate()
            : required(certificates, name);
    return held.sha256Hex();
  }

  /** curl at the program of {@code from}, or past its proxy, to the service of {@code to}. */
  Tool.Ran curl(String from, Container container, String to, List<String> more, String path) {
    String host = to + ".sample";
    String address =
        plane
            .control()
            .services()
            .service(host + ".svc.cluster.local")
            .orElseThrow()
            .addresses()
            .getFirst();
    if (container == Container.PROXY) {
      address = required(places, to).address();
    }
    var line = new ArrayList<>(List.of("curl", "-sS", "-m", "20", "--path-as-is"));
    line.addAll(List.of("--resolve", host + ":8000:" + address));
    line.addAll(more);
    line.add("http://" + host + ":8000" + path);
    return Tool.run(
        Map.of(), EntryCommand.of(required(places, from), container, OptionalLong.empty(), line));
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
