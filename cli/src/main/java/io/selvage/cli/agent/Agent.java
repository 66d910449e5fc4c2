package io.selvage.cli.agent;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.ca.client.RotationSchedule;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.cli.state.Invitation;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of one workload. It makes the workload's key, which stays in this process and the
 * proxy's, gets it certified, and renews both in good time; at its socket the proxy beside it finds
 * its secrets (SDS) and, passed on with the workload's identity, its control plane (ADS).
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration FILES_LOOK = Duration.ofSeconds(5);

  private final Settings settings;
  private final Inviter inviter;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-agent").factory());
  private final AgentSecrets secrets = new AgentSecrets();
  private final AdsServer sds;
  private final CertificateRotation rotation;
  private final CompletableFuture<IssuedCertificate> first = new CompletableFuture<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** Says how to join, each time anew: tokens end, and control planes move. Blocks. */
  @FunctionalInterface
  public interface Inviter {
    /** The way in now. */
    Invitation invite() throws IOException;
  }

  /**
   * What an agent is told.
   *
   * @param socket the file at which the proxy finds it; its folder is made, for the proxy alone
   * @param user whose process the proxy is; empty: the same as this process's
   * @param life of certificates; zero: as the CA likes
   */
  public record Settings(
      Path socket, OptionalInt user, Duration life, InstantSource clock, SecureRandom random) {}

  private Agent(Settings settings, Inviter inviter) {
    this.settings = settings;
    this.inviter = inviter;
    this.sds =
        new AdsServer(
            secrets,
            NodeAuthenticator.trusting(), // who may open the socket is the proxy
            settings.clock(),
            timer,
            new AdsServer.Options(true, 1_000));
    this.rotation =
        new CertificateRotation(
            this::request,
            RotationSchedule.DEFAULT,
            CertificateRotation.Scheduler.on(timer),
            new Certificates(),
            settings.clock(),
            settings.random());
  }

  /**
   * Opens the socket and asks for the first certificate.
   *
   * @throws IOException when the socket cannot be made; nothing is left then
   */
  public static Agent start(Settings settings, Inviter inviter) throws IOException {
    var agent = new Agent(settings, inviter);
    try {
      agent.opened.add(
          AgentSocket.open(
              settings.socket(),
              settings.user(),
              List.of(
                  new WantedFiles(agent.secrets::want).before(agent.sds.secretService()),
                  new AdsRelay(agent::controlPlane).service())));
      var _ =
          agent.timer.scheduleWithFixedDelay(
              agent::lookAtFiles,
              FILES_LOOK.toMillis(),
              FILES_LOOK.toMillis(),
              TimeUnit.MILLISECONDS);
      agent.rotation.start();
      return agent;
    } catch (IOException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  /** Done with the first certificate. */
  public CompletableFuture<IssuedCertificate> first() {
    return first;
  }

  /** The workload's certificate and how its renewals go. */
  public CertificateRotation rotation() {
    return rotation;
  }

  private IssuedCertificate request(Optional<WorkloadCertificate> current)
      throws CertificateRequestFailed, InterruptedException {
    try {
      Invitation invitation = inviter.invite();
      var at = HostPort.parse(invitation.ca());
      TrustBundle roots = TrustBundle.parse(invitation.roots());
      return new CertificateClient(
              CertificateClient.Settings.of(
                      at.host(),
                      at.port(),
                      invitation.serverName(),
                      invitation.metadata().getOrDefault(Invitation.CLUSTER_ID, ""))
                  .withTtl(settings.life()),
              () -> roots,
              () -> Optional.of(invitation.token()).filter(token -> !token.isEmpty()),
              Thread::sleep,
              settings.clock(),
              settings.random())
          .request(current);
    } catch (IOException | PkiException e) {
      throw new CertificateRequestFailed(
          Status.Code.UNAVAILABLE, "there is no way in: " + e.getMessage(), e);
    }
  }

  /** A channel that proves the workload's identity by the certificate of now. */
  private ManagedChannel controlPlane() throws IOException {
    WorkloadCertificate held =
        rotation
            .current()
            .orElseThrow(() -> new IOException("the workload has no certificate yet"))
            .certificate();
    Invitation invitation = inviter.invite();
    var at = HostPort.parse(invitation.discovery());
    return AdsClient.shape(
            NettyChannelBuilder.forAddress(
                at.host(), at.port(), WorkloadCredentials.of(roots(invitation), Optional.of(held))))
        .overrideAuthority(invitation.serverName() + ":" + at.port())
        .build();
  }

  private static TrustBundle roots(Invitation invitation) throws IOException {
    try {
      return TrustBundle.parse(invitation.roots());
    } catch (PkiException e) {
      throw new IOException(e.code() + " " + e.getMessage(), e);
    }
  }

  private void lookAtFiles() {
    try {
      if (secrets.readAnew()) {
        sds.push();
      }
    } catch (RuntimeException e) {
      LOG.error("a look at the files of destination rules failed", e);
    }
  }

  private final class Certificates implements CertificateRotation.Listener {
    @Override
    public void issued(IssuedCertificate issued) {
      secrets.issued(issued);
      sds.push();
      first.complete(issued);
    }

    @Override
    public void renewalFailed(RenewalTrouble trouble) {
      // remembered by the rotation, and logged there
    }
  }

  /** Ends; the proxy keeps what it has. */
  @Override
  public void close() {
    rotation.close();
    for (var part : opened) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not stop", part, e);
      }
    }
    timer.shutdownNow();
  }

  /** A place on the network. */
  private record HostPort(String host, int port) {
    static HostPort parse(String text) throws UnknownHostException {
      int colon = text.lastIndexOf(':');
      if (colon <= 0 || !text.substring(colon + 1).matches("\\d{1,5}")) {
        throw new UnknownHostException("`" + text + "` is not HOST:PORT");
      }
      return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
  }
}
