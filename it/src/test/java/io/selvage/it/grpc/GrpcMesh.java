package io.selvage.it.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.Main;
import io.selvage.cli.grpc.GrpcAgent;
import io.selvage.cli.grpc.GrpcBootstrap;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.it.grpc.AnyMethod.Ended;
import io.selvage.it.grpc.AnyMethod.Header;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A CA and a control plane of ours, and workloads without proxies: each is a grpc-java program in a
 * process of its own, with our agent beside it.
 */
final class GrpcMesh implements AutoCloseable {
  /** How often the libraries look at their files. */
  static final Duration REFRESH = Duration.ofSeconds(1);

  private final Path home;
  private final OnePlane.Ports ports;
  private final Opened opened = new Opened();
  private final Map<String, WorkloadInstance> instances = new HashMap<>();
  private final Map<String, GrpcAgent> agents = new HashMap<>();
  private OnePlane plane;

  /** Starts CA and control plane, with the configuration in {@link #folder}. */
  GrpcMesh(Path home, Map<String, String> configuration) throws Exception {
    this.home = home;
    Files.createDirectories(folder());
    for (var file : configuration.entrySet()) {
      Files.writeString(folder().resolve(file.getKey()), file.getValue());
    }
    this.ports = new OnePlane.Ports(FreePort.find(), FreePort.find());
    this.plane = OnePlane.start(folder(), home.resolve("ca"), ports);
  }

  Path folder() {
    return home.resolve("folder");
  }

  OnePlane plane() {
    return plane;
  }

  /** Writes a file of configuration. */
  void apply(String file, String yaml) throws IOException {
    Files.writeString(folder().resolve(file), yaml);
  }

  /** Takes one away. */
  void remove(String file) throws IOException {
    Files.delete(folder().resolve(file));
  }

  /** Registers a workload whose account is {@code app}, as is its label. */
  WorkloadInstance register(
      String namespace,
      String name,
      String app,
      String address,
      Map<Integer, String> apps,
      int port) {
    var instance =
        new WorkloadInstance(
            name,
            namespace,
            app,
            Map.of("app", app),
            address,
            Map.of("grpc", port),
            apps,
            OnePlane.CLUSTER,
            "",
            1,
            true);
    instances.put(name, instance);
    plane.control().workloads().put(instance);
    return instance;
  }

  /** A server of namespace {@code sample} that answers by its name; ready when it serves. */
  Program server(String name, String app, String address) throws Exception {
    return starting(name, app, address).untilReady();
  }

  /** The same, not waited for. */
  Program starting(String name, String app, String address) throws Exception {
    int port = FreePort.find();
    register("sample", name, app, address, Map.of(), port);
    GrpcAgent agent = agent("sample", name);
    return opened.add(
        Program.start(
            Map.of("GRPC_XDS_BOOTSTRAP", agent.bootstrapFile().toString()),
            home.resolve(name + ".log"),
            Tool.java(List.of("-Xmx96m"), GrpcServer.class, name, Integer.toString(port))));
  }

  /** An agent in this process, with its certificate. */
  private GrpcAgent agent(String namespace, String name) throws Exception {
    WorkloadInstance instance = instance(name);
    var invitation = plane.invite(namespace, instance.serviceAccount());
    TrustBundle roots = TrustBundle.parse(invitation.roots());
    var clock = InstantSource.system();
    var random = new SecureRandom();
    GrpcAgent agent =
        opened.add(
            GrpcAgent.start(
                new GrpcAgent.Settings(
                    GrpcBootstrap.of(
                        namespace,
                        name,
                        instance.address(),
                        Map.of("CLUSTER_ID", OnePlane.CLUSTER),
                        home.resolve(name),
                        REFRESH),
                    new CertificateClient(
                        CertificateClient.Settings.of(
                            "127.0.0.1", ports.ca(), OnePlane.SERVER_NAME, OnePlane.CLUSTER),
                        () -> roots,
                        () -> Optional.of(invitation.token()),
                        Thread::sleep,
                        clock,
                        random),
                    "127.0.0.1",
                    ports.ads(),
                    OnePlane.SERVER_NAME,
                    roots,
                    clock,
                    random)));
    agents.put(name, agent);
    agent.ready().get(20, java.util.concurrent.TimeUnit.SECONDS);
    return agent;
  }

  /** The agent beside a server. */
  GrpcAgent agent(String name) {
    return java.util.Objects.requireNonNull(agents.get(name), name);
  }

  /** A client, run by {@code selvage grpc-agent} as a user would; its name is its account. */
  Program client(String namespace, String name, String address) throws Exception {
    register(namespace, name, name, address, Map.of(), 1);
    var invitation = plane.invite(namespace, name);
    Path token = Files.writeString(home.resolve(name + ".token"), invitation.token());
    Path roots = Files.writeString(home.resolve(name + ".roots"), invitation.roots());
    List<String> command = new ArrayList<>();
    command.addAll(
        Tool.java(
            List.of("-Xmx96m"),
            Main.class,
            "grpc-agent",
            "--workload",
            namespace + "/" + name,
            "--address",
            address,
            "--dir",
            home.resolve(name).toString(),
            "--ca",
            "127.0.0.1:" + ports.ca(),
            "--control-plane",
            "127.0.0.1:" + ports.ads(),
            "--server-name",
            OnePlane.SERVER_NAME,
            "--roots",
            roots.toString(),
            "--token",
            token.toString(),
            "--"));
    command.addAll(Tool.java(List.of("-Xmx96m"), GrpcClient.class));
    return opened.add(Program.start(Map.of(), home.resolve(name + ".log"), command)).untilReady();
  }

  private WorkloadInstance instance(String name) {
    return java.util.Objects.requireNonNull(instances.get(name), name);
  }

  /** The port that a workload's server listens at. */
  int port(String name) {
    return instance(name).ports().getOrDefault("grpc", 0);
  }

  /** A certificate of the mesh's CA, whoever that is. */
  WorkloadCertificate certificate(String trustDomain, String namespace, String account)
      throws Exception {
    return plane.issue(SpiffeId.workload(trustDomain, namespace, account));
  }

  /** Calls a server without xDS: with a certificate, or in plaintext. */
  Ended ask(String server, Optional<WorkloadCertificate> as, String path, String... headers)
      throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(instance(server).address(), port(server), credentials(as))
            .overrideAuthority(server + ".sample")
            .build();
    try {
      return AnyMethod.call(channel, path, Arrays.stream(headers).map(Header::parse).toList());
    } finally {
      channel.shutdownNow();
    }
  }

  private ChannelCredentials credentials(Optional<WorkloadCertificate> as) throws IOException {
    if (as.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    return TlsChannelCredentials.newBuilder()
        .keyManager(pem(as.get().chainPem()), pem(as.get().privateKeyPem()))
        .trustManager(new AnyServer())
        .build();
  }

  static ByteArrayInputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Ends CA and control plane as a crash would: nobody is told. */
  void stopPlane() {
    plane.close();
  }

  /** Brings them back at the same ports, with the same state. */
  void startPlane() throws Exception {
    plane = OnePlane.start(folder(), home.resolve("ca"), ports);
    instances.values().forEach(plane.control().workloads()::put);
  }

  /** Waits until a call ends so. */
  static Ended until(
      String what, java.util.concurrent.Callable<Ended> call, io.grpc.Status.Code code)
      throws Exception {
    return Until.seen(what, call, ended -> ended.code() == code);
  }

  @Override
  public void close() {
    opened.close();
    plane.close();
  }
}
