package io.selvage.cli.grpc;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.CertificateSource;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.ca.client.RotationSchedule;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.cli.agent.AdsRelay;
import io.selvage.cli.agent.AgentSocket;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands beside a workload that speaks xDS itself, as Istio's {@code grpc-agent} does: it keeps
 * key, certificate and roots as files that the gRPC library watches, and passes the library's ADS
 * on to the control plane over mTLS, for the library can only speak to it in plaintext or by the
 * roots of the machine. Everything is in one directory, which only its owner can enter.
 */
public final class GrpcAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcAgent.class);

  private final Settings settings;
  private final CertificateFiles files;
  private final CertificateRotation rotation;
  private final RootsWatch roots;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-grpc-agent").factory());
  private @Nullable AgentSocket socket;
  private TrustBundle fromAuthority = TrustBundle.empty();
  private TrustBundle fromControlPlane = TrustBundle.empty();

  /**
   * What an agent has to know.
   *
   * @param bootstrap of the workload, with the directory
   * @param authority who certifies
   * @param controlHost where the control plane is
   * @param controlPort its port
   * @param serverName by which its certificate must be
   * @param controlRoots by which it is known, beside the mesh's own roots
   */
  public record Settings(
      GrpcBootstrap bootstrap,
      CertificateSource authority,
      String controlHost,
      int controlPort,
      String serverName,
      TrustBundle controlRoots,
      InstantSource clock,
      RandomGenerator random) {}

  private GrpcAgent(Settings settings) throws IOException {
    this.settings = settings;
    this.files = CertificateFiles.in(settings.bootstrap().directory());
    this.rotation =
        new CertificateRotation(
            settings.authority(),
            RotationSchedule.DEFAULT,
            CertificateRotation.Scheduler.on(timer),
            new Receiver(),
            settings.clock(),
            settings.random());
    this.roots =
        new RootsWatch(
            node(settings.bootstrap()),
            this::controlPlane,
            this::rootsFromControlPlane,
            settings.bootstrap().refresh().plusSeconds(1),
            timer);
  }

  /**
   * Begins: the socket is open when this returns, certificates come when {@link #ready} says so.
   *
   * @throws IOException when the directory cannot be used; nothing is left running then
   */
  public static GrpcAgent start(Settings settings) throws IOException {
    GrpcAgent agent = new GrpcAgent(settings);
    try {
      agent.socket =
          AgentSocket.open(
              settings.bootstrap().socket(),
              OptionalInt.empty(),
              List.of(new AdsRelay(agent::connected).service()));
      Files.writeString(agent.bootstrapFile(), settings.bootstrap().json());
      agent.rotation.start();
      return agent;
    } catch (IOException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private static Node node(GrpcBootstrap bootstrap) {
    Struct.Builder metadata = Struct.newBuilder();
    bootstrap
        .allMetadata()
        .forEach(
            (key, value) ->
                metadata.putFields(key, Value.newBuilder().setStringValue(value).build()));
    return Node.newBuilder()
        .setId(bootstrap.nodeId())
        .setCluster(bootstrap.nodeCluster())
        .setMetadata(metadata)
        .build();
  }

  /** Done when all files are there and the workload may start. */
  public CompletableFuture<Void> ready() {
    return ready;
  }

  /** The certificate and how its renewals go. */
  public CertificateRotation rotation() {
    return rotation;
  }

  /** What {@code GRPC_XDS_BOOTSTRAP} should name. */
  public Path bootstrapFile() {
    return settings.bootstrap().directory().resolve(GrpcBootstrap.FILE);
  }

  private ManagedChannel connected() throws IOException {
    return controlPlane().orElseThrow(() -> new IOException("the workload has no certificate yet"));
  }

  private Optional<ManagedChannel> controlPlane() {
    return rotation
        .current()
        .map(
            held ->
                NettyChannelBuilder.forAddress(
                        settings.controlHost(),
                        settings.controlPort(),
                        WorkloadCredentials.of(
                            trusted().withAll(settings.controlRoots().roots()),
                            Optional.of(held.certificate())))
                    .overrideAuthority(settings.serverName())
                    .build());
  }

  private synchronized TrustBundle trusted() {
    return fromAuthority.withAll(fromControlPlane.roots());
  }

  /** Whether the file of roots is another since. */
  private synchronized boolean rootsFromControlPlane(TrustBundle fresh) throws IOException {
    TrustBundle before = fromControlPlane;
    TrustBundle trusted = trusted();
    fromControlPlane = fresh;
    if (trusted().equals(trusted)) {
      return false;
    }
    try {
      write();
    } catch (IOException e) {
      fromControlPlane = before;
      throw e;
    }
    return true;
  }

  private synchronized void issued(IssuedCertificate issued) throws IOException {
    fromAuthority = issued.roots();
    files.replace(issued.certificate(), trusted());
  }

  private void write() throws IOException {
    Optional<IssuedCertificate> held = rotation.current();
    if (held.isPresent()) {
      files.replace(held.get().certificate(), trusted());
    }
  }

  /** Ends; the files stay, as the library may still need them. */
  @Override
  public void close() {
    rotation.close();
    roots.close();
    timer.shutdownNow();
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        LOG.debug("{} stays", settings.bootstrap().socket(), e);
      }
    }
  }

  private final class Receiver implements CertificateRotation.Listener {
    @Override
    public void issued(IssuedCertificate issued) {
      try {
        GrpcAgent.this.issued(issued);
        LOG.info("{}", issued.certificate());
        if (ready.complete(null)) {
          roots.start();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "it cannot be written to " + settings.bootstrap().directory(), e);
      }
    }

    @Override
    public void renewalFailed(CertificateRotation.RenewalTrouble trouble) {
      LOG.debug("{}", trouble.message()); // the rotation has told it already
    }
  }
}
