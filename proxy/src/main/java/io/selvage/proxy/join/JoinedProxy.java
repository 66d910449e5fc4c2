package io.selvage.proxy.join;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ControlPlaneLink;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.identity.WorkloadIdentity;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.ClientState;
import io.selvage.xds.client.ConfigRejected;
import io.selvage.xds.client.ProxyConfig;
import io.selvage.xds.client.Scheduler;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A workload's proxy under a control plane that speaks Istio's protocols: a certificate by {@code
 * IstioCertificateService} for the workload's token, all else by ADS. The workload's key and the
 * mesh's roots are not asked for by SDS, as istiod leaves them to the agent: the key is made here,
 * the roots come with the certificate.
 *
 * <p>Until the first whole configuration nothing listens, so captured traffic is refused; when
 * there is none newer, the last good one stays.
 */
public final class JoinedProxy implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CLUSTER_ID =
      Metadata.Key.of("ClusterID", Metadata.ASCII_STRING_MARSHALLER);

  private final JoinSettings settings;
  private final Supplier<TrustBundle> roots;
  private final Supplier<String> token;
  private final WorkloadProxy proxy;
  private final WorkloadIdentity identity;
  private final ControlPlaneLink link;
  private final AdsClient ads;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-join").factory());

  /**
   * What certificates are asked for.
   *
   * @param life zero: the CA's default
   */
  public record Certificates(Duration life) {
    /** As the CA likes. */
    public static final Certificates DEFAULT = new Certificates(Duration.ZERO);
  }

  private JoinedProxy(
      ProxyEngine engine,
      JoinSettings settings,
      Certificates certificates,
      Optional<NetworkNamespace> namespace,
      InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.roots = new WatchedFile<>(settings.roots(), JoinedProxy::someRoots);
    this.token = new WatchedFile<>(settings.token(), JoinedProxy::someToken);
    var random = new SecureRandom();
    JoinSettings.Identity workload = settings.workload();
    this.proxy =
        engine.add(
            new WorkloadSpec(
                workload.namespace() + "/" + workload.name(),
                workload.telemetry(settings.clusterId(), workload.domain()),
                namespace,
                namespace.isPresent() && settings.role() == JoinSettings.Role.SIDECAR,
                List.of(),
                Optional.empty()));
    this.identity =
        new WorkloadIdentity(
            proxy.keyMaterial(),
            client(certificates, clock, random),
            CertificateRotation.Scheduler.on(timer),
            clock,
            random);
    this.link = new ControlPlaneLink(proxy, identity);
    this.ads =
        new AdsClient(
            IstioNode.of(settings),
            new AdsClient.Connection(this::channel, this::headers, settings.delta()),
            Scheduler.on(timer),
            clock,
            random,
            this::configured,
            Set.of(TlsSettings.WORKLOAD_CERTIFICATE, TlsSettings.TRUST_BUNDLE));
  }

  /**
   * Begins to join; returns at once.
   *
   * @param namespace where the workload's sockets are, if not with this process; then the proxy's
   *     own carry the mark by which capture knows them
   * @throws IOException when the roots or the token cannot be read
   */
  public static JoinedProxy start(
      ProxyEngine engine,
      JoinSettings settings,
      Certificates certificates,
      Optional<NetworkNamespace> namespace,
      InstantSource clock)
      throws IOException {
    var joined = new JoinedProxy(engine, settings, certificates, namespace, clock);
    var _ = joined.identity.start().thenRun(joined.ads::start);
    return joined;
  }

  private static TrustBundle someRoots(String text)
      throws IOException, io.selvage.pki.PkiException {
    TrustBundle read = TrustBundle.parse(text);
    if (read.roots().isEmpty()) {
      throw new IOException("it holds no certificate");
    }
    return read;
  }

  private static String someToken(String text) throws IOException {
    String token = text.strip();
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException("it holds no token");
    }
    return token;
  }

  private CertificateClient client(
      Certificates certificates, InstantSource clock, SecureRandom random) {
    JoinSettings.ControlPlane at = settings.controlPlane();
    return new CertificateClient(
        CertificateClient.Settings.of(at.host(), at.port(), at.serverName(), settings.clusterId())
            .withTtl(certificates.life()),
        roots,
        () -> Optional.of(token.get()),
        this::pause,
        clock,
        random);
  }

  private void pause(Duration delay) throws InterruptedException {
    var over = new CountDownLatch(1);
    var _ = timer.schedule(over::countDown, delay.toNanos(), TimeUnit.NANOSECONDS);
    over.await();
  }

  /** With the certificate as well as the token: istiod takes whichever it can check. */
  private ManagedChannel channel() {
    JoinSettings.ControlPlane at = settings.controlPlane();
    ChannelCredentials credentials =
        WorkloadCredentials.of(
            roots.get(), identity.rotation().current().map(IssuedCertificate::certificate));
    return AdsClient.shape(NettyChannelBuilder.forAddress(at.host(), at.port(), credentials))
        .overrideAuthority(at.serverName() + ":" + at.port())
        .build();
  }

  private Metadata headers() {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token.get());
    headers.put(CLUSTER_ID, settings.clusterId());
    return headers;
  }

  private void configured(ProxyConfig config) throws ConfigRejected {
    link.onConfig(config);
    ready.complete(null);
  }

  /** Completes when it has a certificate and a first whole configuration: it serves. */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** The proxy, with what it was told last. */
  public WorkloadProxy proxy() {
    return proxy;
  }

  /** Its certificate, and how renewals go. */
  public WorkloadIdentity identity() {
    return identity;
  }

  /** How it stands with the control plane. */
  public ClientState state() {
    return ads.state();
  }

  @Override
  public void close() {
    ads.close();
    identity.close();
    proxy.close();
    timer.shutdownNow();
  }
}
