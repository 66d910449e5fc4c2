package io.selvage.cli.mesh;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.ca.client.RotationSchedule;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.cli.state.DenialReport;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.proxy.ProxyResources;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.telemetry.Denial;
import io.selvage.proxy.telemetry.DenialRing;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.ConfigRejected;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.client.ProxyConfig;
import io.selvage.xds.client.Scheduler;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A proxy of this process with all that a sidecar's agent does for it: it gets an identity from the
 * CA, keeps it fresh, and with it follows the control plane.
 */
final class LiveSidecar implements Sidecar {

  private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

  private final CarriedWorkload workload;
  private final ClusterControl control;
  private final ClusterCa ca;
  private final WorkloadProxy proxy;
  private final DenialRing denials;
  private final CertificateRotation rotation;
  private final AdsClient ads;
  private final AtomicBoolean following = new AtomicBoolean();
  private final List<AutoCloseable> owned;

  /** What sidecars of one process share. */
  record Shared(ScheduledExecutorService timer, InstantSource clock, SecureRandom random) {}

  /**
   * @param owned closed after the proxy
   */
  LiveSidecar(
      CarriedWorkload workload,
      ClusterControl control,
      ClusterCa ca,
      WorkloadProxy proxy,
      DenialRing denials,
      Shared shared,
      List<AutoCloseable> owned) {
    this.owned = List.copyOf(owned);
    this.workload = workload;
    this.control = control;
    this.ca = ca;
    this.proxy = proxy;
    this.denials = denials;
    this.rotation =
        new CertificateRotation(
            certificates(shared),
            RotationSchedule.DEFAULT,
            CertificateRotation.Scheduler.on(shared.timer()),
            new Certificates(),
            shared.clock(),
            shared.random());
    this.ads =
        new AdsClient(
            node(),
            AdsClient.Connection.delta(this::channel),
            Scheduler.on(shared.timer()),
            shared.clock(),
            shared.random(),
            this::configured);
    proxy.follows(ads);
  }

  /** Begins; returns at once. */
  void start() {
    rotation.start();
  }

  private CertificateClient certificates(Shared shared) {
    var spec = workload.spec();
    return new CertificateClient(
        CertificateClient.Settings.of(
            "127.0.0.1", ca.port(), ClusterCa.SERVER_NAME, spec.cluster()),
        ca.authority()::bundle,
        () ->
            Optional.of(
                ca.authority()
                    .joinTokens()
                    .issue(spec.namespace(), spec.serviceAccount(), TOKEN_LIFE)),
        Thread::sleep,
        shared.clock(),
        shared.random());
  }

  private NodeDescription node() {
    var metadata = new HashMap<>(workload.nodeMetadata());
    metadata.put(
        "ISTIO_VERSION", // as istioctl shows it
        "selvage-"
            + Objects.requireNonNullElse(
                LiveSidecar.class.getPackage().getImplementationVersion(), "unpackaged"));
    return new NodeDescription(workload.nodeId(), workload.nodeCluster(), metadata);
  }

  private ManagedChannel channel() {
    var credentials = WorkloadCredentials.of(ca.authority().bundle(), certificate());
    return AdsClient.shape(NettyChannelBuilder.forAddress("127.0.0.1", control.port(), credentials))
        .overrideAuthority(ClusterCa.SERVER_NAME + ":" + control.port())
        .build();
  }

  private final class Certificates implements CertificateRotation.Listener {
    @Override
    public void issued(IssuedCertificate issued) {
      var material = proxy.keyMaterial();
      var secrets = new ArrayList<Secret>();
      secrets.add(new Secret.Certificate(TlsSettings.WORKLOAD_CERTIFICATE, issued.certificate()));
      if (material.current().roots(TlsSettings.TRUST_BUNDLE) == null) {
        secrets.add(new Secret.Validation(TlsSettings.TRUST_BUNDLE, issued.roots()));
      }
      material.putAll(secrets);
      if (following.compareAndSet(false, true)) {
        ads.start();
      }
    }

    @Override
    public void renewalFailed(RenewalTrouble trouble) {
      // remembered by the rotation, which trouble() asks, and logged there
    }
  }

  private void configured(ProxyConfig config) throws ConfigRejected {
    proxy
        .keyMaterial()
        .putAll(
            config.secrets().values().stream()
                .filter(Secret.Validation.class::isInstance)
                .toList());
    try {
      proxy.apply(
          new ProxyResources(
              config.listeners(), config.routes(), config.clusters(), config.endpoints()));
    } catch (IOException | RuntimeException e) {
      throw new ConfigRejected(List.of(String.valueOf(e.getMessage())));
    }
  }

  @Override
  public Optional<WorkloadCertificate> certificate() {
    return rotation.current().map(IssuedCertificate::certificate);
  }

  @Override
  public TrustBundle trusted() {
    var roots = proxy.keyMaterial().current().roots(TlsSettings.TRUST_BUNDLE);
    return roots == null ? TrustBundle.empty() : roots;
  }

  @Override
  public Optional<RenewalTrouble> trouble() {
    return rotation.trouble();
  }

  @Override
  public Optional<String> waitsFor() {
    if (certificate().isEmpty()) {
      return Optional.of("a certificate" + trouble().map(t -> ": " + t.message()).orElse(""));
    }
    return proxy.resources().listeners().isEmpty()
        ? Optional.of(
            "configuration" + ads.state().lastError().map(error -> ": " + error.text()).orElse(""))
        : Optional.empty();
  }

  @Override
  public void renew() {
    rotation.renewNow();
  }

  @Override
  public boolean connected() {
    return ads.state().connectedSince().isPresent();
  }

  @Override
  public Optional<DenialReport> why(String requestId) {
    return denials.find(requestId).filter(this::isOurs).map(this::report);
  }

  @Override
  public List<DenialReport> denials(int count) {
    return denials.latest(Integer.MAX_VALUE).stream()
        .filter(this::isOurs)
        .limit(count)
        .map(this::report)
        .toList();
  }

  private boolean isOurs(Denial denial) {
    return denial.workload().equals(proxy.spec().name());
  }

  private DenialReport report(Denial denial) {
    return new DenialExplanation(workload, control).of(denial);
  }

  @Override
  public void close() {
    ads.close();
    rotation.close();
    proxy.close();
    PlaneParts.closeAll(owned);
  }
}
