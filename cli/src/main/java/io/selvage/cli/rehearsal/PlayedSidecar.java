package io.selvage.cli.rehearsal;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.ClientState;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.client.ProxyConfig;
import io.selvage.xds.client.Scheduler;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** What a sidecar says to a control plane, without a proxy: a certificate, then ADS. */
final class PlayedSidecar implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String SERVER = "istiod.istio-system.svc";

  private final AdsClient ads;
  private volatile ProxyConfig last = ProxyConfig.EMPTY;

  private PlayedSidecar(PlayedObjects.Pod pod, World world, WorkloadCertificate own) {
    this.ads =
        new AdsClient(
            node(pod),
            AdsClient.Connection.delta(() -> channel(world, own)),
            world.scheduler(),
            world.clock(),
            world.random(),
            config -> {
              last = config;
              world.told().release();
            });
  }

  /** How all of them are. */
  record World(
      int port,
      TrustBundle roots,
      Scheduler scheduler,
      InstantSource clock,
      SecureRandom random,
      Semaphore told) {}

  /**
   * Gets a certificate and connects.
   *
   * @param world {@code told} is released for each configuration
   */
  static PlayedSidecar start(PlayedObjects.Pod pod, World world)
      throws IOException, InterruptedException {
    var sidecar = new PlayedSidecar(pod, world, certificate(pod, world));
    sidecar.ads.start();
    return sidecar;
  }

  private static WorkloadCertificate certificate(PlayedObjects.Pod pod, World world)
      throws IOException, InterruptedException {
    var client =
        new CertificateClient(
            CertificateClient.Settings.of(HOST, world.port(), SERVER, "Kubernetes")
                .withTtl(Duration.ofHours(1)),
            world::roots,
            () -> Optional.of(PlayedObjects.NAMESPACE + ":" + pod.app()),
            Thread::sleep,
            world.clock(),
            world.random());
    try {
      return client.request(Optional.empty()).certificate();
    } catch (CertificateRequestFailed e) {
      throw new IOException("no certificate for " + pod.name() + ": " + e.getMessage(), e);
    }
  }

  private static ManagedChannel channel(World world, WorkloadCertificate own) {
    var credentials = WorkloadCredentials.of(world.roots(), Optional.of(own));
    return AdsClient.shape(NettyChannelBuilder.forAddress(HOST, world.port(), credentials))
        .overrideAuthority(SERVER + ":" + world.port())
        .build();
  }

  private static NodeDescription node(PlayedObjects.Pod pod) {
    return new NodeDescription(
        "sidecar~%s~%s.%s~%s.svc.cluster.local"
            .formatted(pod.address(), pod.name(), PlayedObjects.NAMESPACE, PlayedObjects.NAMESPACE),
        pod.app() + "." + PlayedObjects.NAMESPACE,
        Map.of(
            "ISTIO_VERSION", "1.31.0",
            "NAME", pod.name(),
            "NAMESPACE", PlayedObjects.NAMESPACE,
            "SERVICE_ACCOUNT", pod.app(),
            "CLUSTER_ID", "Kubernetes",
            "LABELS", Map.of("app", pod.app()),
            "INSTANCE_IPS", pod.address(),
            "PILOT_SAN", List.of(SERVER),
            "INTERCEPTION_MODE", "REDIRECT"));
  }

  /** Whether what it was told last says these words. */
  boolean heard(String words) {
    return last.listeners().toString().contains(words);
  }

  /** How it stands, for who waits in vain. */
  ClientState state() {
    return ads.state();
  }

  @Override
  public void close() {
    ads.close();
  }
}
