package io.selvage.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.stub.StreamObserver;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of an agent at a real socket file; the whole of it is tested with Envoy. */
class AgentTest {
  private static final String TYPE = XdsType.SECRET.url();

  @TempDir private Path home;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void stop() {
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Path socket() {
    return home.resolve("agents").resolve("web").resolve("agent.sock");
  }

  private ManagedChannel channel() {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket()))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .eventLoopGroup(loops)
        .usePlaintext()
        .overrideAuthority("agent")
        .build();
  }

  private static IssuedCertificate issued() throws Exception {
    var random = new SecureRandom();
    var clock = InstantSource.system();
    var profile = new CaProfile.Istiod("cluster.local");
    var credentials =
        CaCredentials.selfSigned(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(1), clock.instant(), random);
    var certificate =
        new CertificateAuthority(
                credentials, profile, CertificateAuthority.Limits.DEFAULT, clock, random)
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("cluster.local", "default", "web"),
                Duration.ofHours(1));
    return new IssuedCertificate(certificate, TrustBundle.of(credentials.root()));
  }

  @Test
  void keyRootsAndFilesAreGivenAndGivenAnewWhenTheyAreOthers() throws Exception {
    Path file = home.resolve("root.pem");
    Files.writeString(file, issued().roots().pem());
    String fileSecret = "file-root:" + file;
    var secrets = new AgentSecrets();
    var sds =
        new AdsServer(
            secrets,
            NodeAuthenticator.trusting(),
            InstantSource.system(),
            Runnable::run,
            new AdsServer.Options(true, 10));
    var first = issued();
    secrets.issued(first);
    try (var _ =
        AgentSocket.open(
            socket(),
            OptionalInt.empty(),
            List.of(new WantedFiles(secrets::want).before(sds.secretService())))) {
      ManagedChannel channel = channel();
      try {
        var answers = new Answers<DiscoveryResponse>();
        var requests = SecretDiscoveryServiceGrpc.newStub(channel).streamSecrets(answers);
        requests.onNext(
            DiscoveryRequest.newBuilder()
                .setNode(
                    Node.newBuilder()
                        .setId("sidecar~10.0.0.1~web.default~default.svc.cluster.local"))
                .setTypeUrl(TYPE)
                .addAllResourceNames(List.of("default", "ROOTCA", fileSecret))
                .build());
        DiscoveryResponse all = answers.next();
        assertThat(all.getResourcesList())
            .extracting(any -> any.unpack(Secret.class).getName())
            .containsExactlyInAnyOrder("default", "ROOTCA", fileSecret);
        assertThat(secret(all, "default").getTlsCertificate().getPrivateKey().getInlineString())
            .isEqualTo(first.certificate().privateKeyPem());
        assertThat(roots(all, "ROOTCA")).isEqualTo(first.roots().pem());

        requests.onNext(
            DiscoveryRequest.newBuilder()
                .setTypeUrl(TYPE)
                .setVersionInfo(all.getVersionInfo())
                .setResponseNonce(all.getNonce())
                .addAllResourceNames(List.of("default", "ROOTCA", fileSecret))
                .build());
        String other = issued().roots().pem();
        Files.writeString(file, other);
        assertThat(secrets.readAnew()).isTrue();
        sds.push();
        assertThat(roots(answers.next(), fileSecret)).isEqualTo(other);
        assertThat(secrets.readAnew()).as("nothing changed since").isFalse();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static Secret secret(DiscoveryResponse from, String name) throws Exception {
    for (Any any : from.getResourcesList()) {
      Secret secret = any.unpack(Secret.class);
      if (secret.getName().equals(name)) {
        return secret;
      }
    }
    throw new AssertionError("no secret " + name);
  }

  private static String roots(DiscoveryResponse from, String name) throws Exception {
    return secret(from, name).getValidationContext().getTrustedCa().getInlineString();
  }

  @Test
  void adsGoesOnToTheControlPlaneAndItsEndComesBack() throws Exception {
    Server control =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
            .addService(new Echo())
            .build()
            .start();
    var relay =
        new AdsRelay(
            () ->
                NettyChannelBuilder.forAddress("127.0.0.1", control.getPort())
                    .usePlaintext()
                    .build());
    try (var _ = AgentSocket.open(socket(), OptionalInt.empty(), List.of(relay.service()))) {
      ManagedChannel channel = channel();
      try {
        var answers = new Answers<DeltaDiscoveryResponse>();
        var requests =
            AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(answers);
        for (int i = 0; i < 100; i++) {
          requests.onNext(DeltaDiscoveryRequest.newBuilder().setTypeUrl("type " + i).build());
          assertThat(answers.next().getTypeUrl()).isEqualTo("type " + i);
        }
        requests.onNext(DeltaDiscoveryRequest.newBuilder().setTypeUrl("end").build());
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(answers.end().getDescription()).isEqualTo("as asked");
      } finally {
        channel.shutdownNow();
      }
    } finally {
      control.shutdownNow();
    }
  }

  @Test
  void withoutAWayThereTheProxyIsToldAndMayComeAgain() throws Exception {
    var relay =
        new AdsRelay(
            () -> {
              throw new IOException("no mesh runs");
            });
    try (var _ = AgentSocket.open(socket(), OptionalInt.empty(), List.of(relay.service()))) {
      ManagedChannel channel = channel();
      try {
        var answers = new Answers<DiscoveryResponse>();
        var _ = AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(answers);
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(answers.end().getDescription()).contains("no mesh runs");
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void theSocketIsInAFolderForTheProxyAloneAndNothingStays() throws Exception {
    var opened = AgentSocket.open(socket(), OptionalInt.empty(), List.of());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket().getParent())))
        .isEqualTo("rwx------");
    assertThat(socket()).exists();

    opened.close();

    assertThat(home).isEmptyDirectory();
  }

  @Test
  void aFolderThatOthersMayEnterIsRefusedAndLeftAsItIs() throws Exception {
    Path folder = Files.createDirectories(socket().getParent());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThatThrownBy(() -> AgentSocket.open(socket(), OptionalInt.empty(), List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not for the proxy alone (rwxr-xr-x)");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwxr-xr-x");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatAKilledAgentLeftIsTakenOver() throws Exception {
    Path folder = Files.createDirectories(socket().getParent());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Files.createFile(socket());

    try (var _ = AgentSocket.open(socket(), OptionalInt.empty(), List.of())) {
      assertThat(Files.isRegularFile(socket())).as("a socket, not the file").isFalse();
    }
    assertThat(folder).as("it was there before").isEmptyDirectory();
  }

  @Test
  void aPathThatNoSocketCanHaveIsRefused() {
    Path deep = home.resolve("x".repeat(120)).resolve("agent.sock");

    assertThatThrownBy(() -> AgentSocket.open(deep, OptionalInt.empty(), List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("107 bytes");
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void withoutAMeshTheTroubleIsTold() throws Exception {
    var settings =
        new Agent.Settings(
            socket(),
            OptionalInt.empty(),
            Duration.ZERO,
            InstantSource.system(),
            new SecureRandom());
    var asked = new LinkedBlockingQueue<String>();
    try (var agent =
        Agent.start(
            settings,
            () -> {
              asked.add("asked");
              throw new IOException("no mesh runs");
            })) {
      for (int i = 0; i < 2; i++) {
        assertThat(asked.poll(20, TimeUnit.SECONDS)).as("it asks again").isNotNull();
      }
      assertThat(agent.rotation().trouble().orElseThrow().message()).contains("no mesh runs");
      assertThat(agent.first()).isNotDone();
    }
  }

  /** What comes back on a stream. */
  private static final class Answers<T> implements StreamObserver<T> {
    private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
    private final java.util.concurrent.CompletableFuture<Status> end =
        new java.util.concurrent.CompletableFuture<>();

    T next() throws Exception {
      T message = messages.poll(20, TimeUnit.SECONDS);
      assertThat(message).as("a message; the end: %s", end).isNotNull();
      return message;
    }

    Status end() throws Exception {
      return end.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(T message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable cause) {
      end.complete(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }

  /** Answers each request with its type. */
  private static final class Echo extends AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          if (request.getTypeUrl().equals("end")) {
            answers.onError(Status.ABORTED.withDescription("as asked").asRuntimeException());
            return;
          }
          answers.onNext(
              DeltaDiscoveryResponse.newBuilder().setTypeUrl(request.getTypeUrl()).build());
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
