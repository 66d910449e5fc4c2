package io.selvage.it.stage;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.WorkloadCredentials;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ControlPlaneLink;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.identity.WorkloadIdentity;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.client.Scheduler;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Our proxy before one workload of {@link OnePlane}: identity by the CA's API, all else by ADS. */
public final class OneSidecar implements AutoCloseable {
  private final OnePlane.Invitation invitation;
  private final TrustBundle roots;
  private final WorkloadProxy proxy;
  private final WorkloadIdentity identity;
  private final AdsClient ads;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  /**
   * A sidecar that begins at once.
   *
   * @param spec whose name is {@code sample/NAME}
   * @param metadata of the node, without CLUSTER_ID: that of {@link OnePlane}; without
   *     SERVICE_ACCOUNT: the name
   * @param life of its certificates; zero for the CA's default
   */
  public OneSidecar(
      ProxyEngine engine,
      WorkloadSpec spec,
      String address,
      Map<String, String> metadata,
      Duration life,
      OnePlane.Invitation invitation)
      throws PkiException {
    this.invitation = invitation;
    this.proxy = engine.add(spec);
    var clock = InstantSource.system();
    var random = new SecureRandom();
    String name = spec.name().substring(spec.name().indexOf('/') + 1);
    String cluster = metadata.getOrDefault("CLUSTER_ID", OnePlane.CLUSTER);
    this.roots = TrustBundle.parse(invitation.roots());
    this.identity =
        new WorkloadIdentity(
            proxy.keyMaterial(),
            new CertificateClient(
                CertificateClient.Settings.of(
                        "127.0.0.1", invitation.caPort(), OnePlane.SERVER_NAME, cluster)
                    .withTtl(life),
                () -> roots,
                () -> Optional.of(invitation.token()),
                Thread::sleep,
                clock,
                random),
            CertificateRotation.Scheduler.on(timer),
            clock,
            random);
    var all = new java.util.HashMap<>(metadata);
    all.put("CLUSTER_ID", cluster);
    all.putIfAbsent("SERVICE_ACCOUNT", name);
    this.ads =
        new AdsClient(
            new NodeDescription(
                "sidecar~%s~%s.sample~sample.svc.cluster.local".formatted(address, name),
                name + ".sample",
                all),
            AdsClient.Connection.delta(this::channel),
            Scheduler.on(timer),
            clock,
            random,
            new ControlPlaneLink(proxy, identity));
    proxy.follows(ads);
    var _ = identity.start().thenRun(ads::start);
  }

  private ManagedChannel channel() {
    var held = identity.rotation().current().orElseThrow().certificate();
    return NettyChannelBuilder.forAddress(
            "127.0.0.1", invitation.adsPort(), WorkloadCredentials.of(roots, Optional.of(held)))
        .overrideAuthority(OnePlane.SERVER_NAME)
        .build();
  }

  /** The proxy itself. */
  public WorkloadProxy proxy() {
    return proxy;
  }

  /** Its certificate and how renewals go. */
  public CertificateRotation rotation() {
    return identity.rotation();
  }

  /** Whether the stream to the control plane is open. */
  public boolean connected() {
    return ads.state().connectedSince().isPresent();
  }

  @Override
  public void close() {
    ads.close();
    identity.close();
    proxy.close();
    timer.shutdownNow();
  }
}
