package io.selvage.it.conformance;

import io.selvage.ca.client.IssuedCertificate;
import io.selvage.it.stage.MeshName;
import io.selvage.pki.Pem;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ControlPlaneLink;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.identity.WorkloadIdentity;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.client.Scheduler;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Our proxy under our control plane, through sockets. */
final class SelvageSubject implements Subject {
  private final SelvageStage stage;

  /** Starts it. */
  SelvageSubject(Path folder, TokenMint mint) throws Exception {
    stage = new SelvageStage(MeshName.of("ours"), folder, mint);
    try {
      var clock = InstantSource.system();
      var engine = stage.add(new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, clock)));
      var timer = Executors.newSingleThreadScheduledExecutor();
      stage.add(timer::shutdownNow);
      var proxy =
          stage.add(
              engine.add(
                  new WorkloadSpec(
                      Stage.NAMESPACE + "/" + Stage.ACCOUNT,
                      Workload.UNKNOWN,
                      Optional.of(stage.network().inServer()),
                      true,
                      List.of(),
                      Optional.empty())));
      var issued =
          new IssuedCertificate(
              stage.authority().server(), TrustBundle.parse(Pem.of(stage.authority().root())));
      var identity =
          stage.add(
              new WorkloadIdentity(
                  proxy.keyMaterial(),
                  _ -> issued,
                  SelvageSubject::once,
                  clock,
                  new SecureRandom()));
      var ads =
          stage.add(
              new AdsClient(
                  new NodeDescription(SelvagePlane.NODE, "server.foo", SelvagePlane.METADATA),
                  AdsClient.Connection.delta(stage.plane()::channel),
                  Scheduler.on(timer),
                  clock,
                  new SecureRandom(),
                  new ControlPlaneLink(proxy, identity)));
      identity.start().get(20, TimeUnit.SECONDS);
      ads.start();
    } catch (Throwable e) {
      stage.close();
      throw e;
    }
  }

  /** The first certificate at once; no run lasts until a renewal. */
  private static Runnable once(Duration delay, Runnable task) {
    if (delay.isZero()) {
      Thread.ofVirtual().start(task);
    }
    return () -> {};
  }

  @Override
  public SubjectName name() {
    return SubjectName.SELVAGE;
  }

  @Override
  public Optional<String> cannot(CaseSet set, Case one) {
    return Optional.empty();
  }

  @Override
  public void apply(CaseSet set) throws Exception {
    stage.apply(set);
  }

  @Override
  public Outcome ask(Case one) throws Exception {
    return stage.ask(one);
  }

  @Override
  public void close() {
    stage.close();
  }
}
