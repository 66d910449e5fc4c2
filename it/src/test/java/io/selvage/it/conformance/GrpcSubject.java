package io.selvage.it.conformance;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.selvage.cli.agent.AdsRelay;
import io.selvage.cli.agent.AgentSocket;
import io.selvage.cli.grpc.CertificateFiles;
import io.selvage.cli.grpc.GrpcBootstrap;
import io.selvage.it.grpc.AnyMethod;
import io.selvage.it.grpc.AnyServer;
import io.selvage.it.grpc.GrpcServer;
import io.selvage.it.grpc.Program;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.pki.Pem;
import io.selvage.pki.TrustBundle;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A grpc-java server that has no proxy and takes its xDS from our control plane. */
final class GrpcSubject implements Subject {
  /** Only the question whether a set is in force has this header. */
  private static final String MARK = "x-selvage-set";

  private static final String PLAINTEXT =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
       "metadata": {"name": "selvage-plaintext", "namespace": "foo"},
       "spec": {"selector": {"matchLabels": {"app": "server"}}, "mtls": {"mode": "DISABLE"}}}
      """;

  private static final CaseSet NOTHING =
      CaseReader.parse(
          "nothing",
          """
          {"title": "nothing", "follows": "nothing", "resources": [],
           "cases": [{"id": "any", "request": {}, "expect": {"status": 200}}]}
          """);

  private static final List<Integer> PORTS = List.of(Stage.HTTP_PORT, Stage.GRPC_PORT);

  private final Opened opened = new Opened();
  private final TokenMint mint;
  private final CaseAuthority authority;
  private final CaseNetwork network;
  private final SelvagePlane plane;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, SslContext> contexts = new HashMap<>();
  private long generation = 1;
  private CaseSet applied = NOTHING;
  private boolean plaintext;

  /** Starts control plane and server. */
  GrpcSubject(Path folder, TokenMint mint) throws Exception {
    this.mint = mint;
    opened.add(
        () -> {
          var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        });
    try {
      authority = CaseAuthority.create();
      network = opened.add(new CaseNetwork(MeshName.of("grpc"), folder));
      Tool.run(Map.of(), inServer("nft", "flush", "ruleset")).well();
      plane =
          opened.add(
              new SelvagePlane(
                  authority,
                  ConfiguredSet.snapshot(NOTHING, mint, ConfiguredSet.mesh(NOTHING), generation)));
      serve(folder);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private void serve(Path folder) throws Exception {
    var bootstrap =
        GrpcBootstrap.of(
            Stage.NAMESPACE,
            Stage.ACCOUNT,
            Stage.SERVER,
            SelvagePlane.METADATA,
            folder.resolve("grpc"),
            Duration.ofHours(1));
    CertificateFiles.in(bootstrap.directory())
        .replace(authority.server(), TrustBundle.parse(Pem.of(authority.root())));
    opened.add(
        AgentSocket.open(
            bootstrap.socket(),
            OptionalInt.empty(),
            List.of(new AdsRelay(plane::channel).service())));
    Path file = Files.writeString(folder.resolve("grpc-bootstrap.json"), bootstrap.json());
    List<String> ports = PORTS.stream().map(Object::toString).toList();
    List<String> arguments = new ArrayList<>(List.of("server"));
    arguments.addAll(ports);
    opened
        .add(
            Program.start(
                Map.of("GRPC_XDS_BOOTSTRAP", file.toString()),
                folder.resolve("grpc-server.log"),
                inServer(
                    Tool.java(
                            List.of("-Xmx128m"), GrpcServer.class, arguments.toArray(String[]::new))
                        .toArray(String[]::new))))
        .untilReady();
  }

  private List<String> inServer(String... command) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", network.server().name()));
    line.addAll(List.of(command));
    return line;
  }

  @Override
  public SubjectName name() {
    return SubjectName.GRPC;
  }

  @Override
  public Optional<String> cannot(CaseSet set, Case one) {
    return GrpcQuestions.cannot(set, one, snapshot(set));
  }

  private MeshSnapshot snapshot(CaseSet set) {
    return ConfiguredSet.snapshot(set, mint, ConfiguredSet.mesh(set), 1);
  }

  @Override
  public void apply(CaseSet set) throws Exception {
    applied = set;
    plaintext = false;
    hold(set, List.of());
  }

  /** gRPC takes mTLS or plaintext at a port, so PERMISSIVE is asked as the one and as the other. */
  private void speaking(boolean plain) throws Exception {
    if (plaintext != plain) {
      plaintext = plain;
      hold(applied, plain ? List.of(JsonMapper.shared().readTree(PLAINTEXT)) : List.of());
    }
  }

  private void hold(CaseSet set, List<JsonNode> more) throws Exception {
    String domain = ConfiguredSet.mesh(set).path("trustDomain").asString();
    if (answers(domain, "set-" + (generation + 1)).contains(Status.Code.PERMISSION_DENIED)) {
      // where the caller is denied anyway, as all of another trust domain are, a mark says nothing
      put(nothing(set), List.of());
      Until.seen(
          "what the ports answer when nothing is denied",
          () -> answers(domain, "none"),
          Set.of(Status.Code.OK)::equals);
    }
    put(set, more);
    String mark = "set-" + generation;
    Until.seen(
        "what the ports answer when the server holds " + set.name(),
        () -> answers(domain, mark),
        Set.of(Status.Code.PERMISSION_DENIED)::equals);
  }

  /** No policies, in the mesh of a set. */
  private static CaseSet nothing(CaseSet set) {
    return new CaseSet(
        NOTHING.name(),
        NOTHING.title(),
        NOTHING.follows(),
        set.mesh(),
        NOTHING.resources(),
        NOTHING.unsaid(),
        NOTHING.cases());
  }

  private void put(CaseSet set, List<JsonNode> more) {
    generation++;
    List<JsonNode> resources = new ArrayList<>(set.resources());
    resources.addAll(more);
    resources.add(
        JsonMapper.shared()
            .readTree(
                """
      {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
       "metadata": {"name": "selvage-mark", "namespace": "foo"},
       "spec": {"action": "DENY",
                "rules": [{"when": [{"key": "request.headers[x-selvage-set]", "values": ["%s"]}]}]}}
      """
                    .formatted("set-" + generation)));
    var marked =
        new CaseSet(
            set.name(),
            set.title(),
            set.follows(),
            set.mesh(),
            resources,
            set.unsaid(),
            set.cases());
    plane.put(ConfiguredSet.snapshot(marked, mint, ConfiguredSet.mesh(set), generation));
  }

  /**
   * What the ports answer a call with this mark.
   *
   * @param domain the caller's trust domain
   */
  private Set<Status.Code> answers(String domain, String mark) throws Exception {
    plane
        .refusal()
        .ifPresent(
            why -> {
              throw new IllegalStateException("the server refuses it: " + why);
            });
    MeshSnapshot mesh = plane.mesh();
    String peer = domain + "/ns/probe/sa/probe";
    Set<Status.Code> answers = EnumSet.noneOf(Status.Code.class);
    for (int port : PORTS) {
      Mode mode = mesh.effectivePeerAuthentication(Stage.WORKLOAD, port).mode();
      Optional<String> as = mode == Mode.DISABLE ? Optional.empty() : Optional.of(peer);
      answers.add(marked(as, port, mark));
    }
    return answers;
  }

  private Status.Code marked(Optional<String> as, int port, String mark) throws Exception {
    return call(
            new Target(as, Request.Certificate.VALID, port, Stage.CLIENT, Stage.HOST),
            "/probe",
            List.of(new AnyMethod.Header(MARK, mark)))
        .code();
  }

  @Override
  public Outcome ask(Case one) throws Exception {
    Request request = one.request().withTokens(mint);
    speaking(GrpcQuestions.isPermitted(request, snapshot(applied)));
    List<AnyMethod.Header> headers =
        request.headers().stream()
            .map(
                header ->
                    new AnyMethod.Header(header.name().toLowerCase(Locale.ROOT), header.value()))
            .toList();
    var target =
        new Target(
            request.as(), request.certificate(), request.port(), request.from(), request.host());
    AnyMethod.Ended ended = call(target, request.path(), headers);
    return switch (ended.code()) {
      case OK ->
          new Outcome.Answered(
              200,
              Optional.empty(),
              Optional.of(
                  new Outcome.Seen("POST", request.path(), request.host(), Optional.empty())),
              Optional.empty());
      case PERMISSION_DENIED -> Outcome.refused(403);
      case UNAVAILABLE -> Outcome.CLOSED;
      default -> throw new IllegalStateException("not a verdict: " + ended);
    };
  }

  /** Whom a call goes to, and who makes it. */
  private record Target(
      Optional<String> as,
      Request.Certificate certificate,
      int port,
      String from,
      String authority) {}

  private AnyMethod.Ended call(Target target, String path, List<AnyMethod.Header> headers)
      throws Exception {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.ofLiteral(Stage.SERVER), target.port()));
    Optional<SslContext> tls = tls(target);
    tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
    ManagedChannel channel =
        builder
            .overrideAuthority(target.authority())
            .eventLoopGroup(loops)
            .channelFactory(this::inClient)
            .localSocketPicker(
                new NettyChannelBuilder.LocalSocketPicker() {
                  @Override
                  public InetSocketAddress createSocketAddress(
                      java.net.SocketAddress remote, io.grpc.Attributes attributes) {
                    return new InetSocketAddress(target.from(), 0);
                  }
                })
            .disableRetry()
            .build();
    try {
      return AnyMethod.call(channel, path, headers);
    } finally {
      channel.shutdownNow();
    }
  }

  private NioSocketChannel inClient() {
    try {
      return network.inClient().call(NioSocketChannel::new);
    } catch (Exception e) {
      throw new IllegalStateException("the client's network cannot be entered", e);
    }
  }

  /** The client's side of TLS; kept, since making it takes longer than a call. */
  private Optional<SslContext> tls(Target target) throws Exception {
    boolean anonymous = target.certificate() == Request.Certificate.NONE;
    if (!anonymous && target.as().isEmpty()) {
      return Optional.empty();
    }
    String key = target.as().orElse("") + " " + target.certificate();
    SslContext known = contexts.get(key);
    if (known == null) {
      SslContextBuilder builder = GrpcSslContexts.forClient().trustManager(new AnyServer());
      if (!anonymous) {
        CaseAuthority.Shown shown =
            authority.shown(target.as().orElseThrow(), target.certificate());
        builder.keyManager(text(Pem.of(shown.chain())), text(Pem.ofPrivateKey(shown.key())));
      }
      known = builder.build();
      contexts.put(key, known);
    }
    return Optional.of(known);
  }

  private static ByteArrayInputStream text(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    opened.close();
  }
}
