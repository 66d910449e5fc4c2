package io.selvage.cli.pod;

import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.join.JoinedProxy;
import io.selvage.proxy.pod.PodStatusServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The sidecar of an injected Pod: a proxy that joins the mesh by itself, and what it serves to the
 * Pod's kubelet. It has its end in phases ({@link #end}).
 */
public final class PodSidecar implements AutoCloseable {
  /** For what is under way when nobody is served any more. */
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

  private final ProxyEngine engine;
  private final JoinedProxy joined;
  private final Duration drain;
  private final CountDownLatch noLonger = new CountDownLatch(1);
  private volatile boolean ending;
  private volatile boolean atOnce;
  private final PodStatusServer status;
  private final ProxyAdminServer admin;

  private PodSidecar(
      ProxyEngine engine,
      JoinedProxy joined,
      PodEnvironment pod,
      Runnable quit,
      InstantSource clock)
      throws IOException {
    this.engine = engine;
    this.joined = joined;
    this.drain = pod.drain();
    this.status =
        PodStatusServer.start(
            engine,
            pod.status(),
            new PodStatusServer.Hooks(
                this::notReady,
                () -> {
                  atOnce = true;
                  quit.run();
                }));
    try {
      this.admin = admin(engine, joined, clock);
    } catch (IOException | RuntimeException e) {
      status.close();
      throw e;
    }
  }

  private static ProxyAdminServer admin(ProxyEngine engine, JoinedProxy joined, InstantSource clock)
      throws IOException {
    return ProxyAdminServer.of(
        engine,
        joined.proxy(),
        clock,
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), ProxyAdminServer.PORT));
  }

  /**
   * Begins to join and to answer; returns at once.
   *
   * @param role what it is: a gateway has a Pod of its own, and the rest is the same
   * @param quit ends the process: somebody in the Pod asks for it
   * @throws IOException when a port is taken, or roots or token cannot be read
   */
  public static PodSidecar start(
      ProxyEngine engine,
      PodEnvironment pod,
      JoinSettings.Role role,
      Runnable quit,
      InstantSource clock)
      throws IOException {
    JoinedProxy joined =
        JoinedProxy.start(
            engine, pod.join(role), JoinedProxy.Certificates.DEFAULT, Optional.empty(), clock);
    try {
      return new PodSidecar(engine, joined, pod, quit, clock);
    } catch (IOException | RuntimeException e) {
      joined.close();
      throw e;
    }
  }

  /** The proxy. */
  public JoinedProxy joined() {
    return joined;
  }

  private Optional<String> notReady() {
    if (ending) {
      return Optional.of("it ends");
    }
    return joined.ready().isDone()
        ? Optional.empty()
        : Optional.of("no certificate and configuration yet");
  }

  /**
   * Ends: it is no longer ready, and callers are asked to go elsewhere, while the application can
   * still call others; after the Pod's drain time nobody is served any more. A native sidecar,
   * which ends after its application, has no drain time, and one that is told to quit takes none.
   */
  public void end() throws InterruptedException {
    ending = true;
    if (!drain.isZero() && !atOnce) {
      joined.proxy().turnAway(drain);
      var _ = noLonger.await(drain.toMillis(), TimeUnit.MILLISECONDS);
    }
    engine.drain(LAST_ANSWERS);
  }

  @Override
  public void close() {
    noLonger.countDown();
    admin.close();
    status.close();
    joined.close();
  }
}
