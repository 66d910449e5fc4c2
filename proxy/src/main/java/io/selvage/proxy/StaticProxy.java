package io.selvage.proxy;

import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.xds.bootstrap.StaticBootstrap;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One proxy with an engine of its own, whose configuration is a static bootstrap. */
public final class StaticProxy implements AutoCloseable {
  private final ProxyEngine engine;
  private final WorkloadProxy proxy;
  private final Optional<ProxyAdminServer> admin;

  private StaticProxy(ProxyEngine engine, WorkloadProxy proxy, Optional<ProxyAdminServer> admin) {
    this.engine = engine;
    this.proxy = proxy;
    this.admin = admin;
  }

  /**
   * Starts it, and the endpoint for its figures where the bootstrap has an {@code admin}; its
   * listeners are bound when this returns.
   *
   * @throws IOException when the configuration does not compile or a socket cannot be bound
   */
  public static StaticProxy start(StaticBootstrap bootstrap, ProxyEngine.Settings settings)
      throws IOException {
    var engine = new ProxyEngine(settings);
    try {
      String name = bootstrap.node().isEmpty() ? "proxy" : bootstrap.node();
      WorkloadProxy proxy = engine.add(WorkloadSpec.local(name, Workload.UNKNOWN, List.of()));
      proxy.keyMaterial().putAll(all(bootstrap, Secret.class));
      proxy.apply(
          ProxyResources.of(
              all(bootstrap, Listener.class), List.of(), all(bootstrap, Cluster.class), List.of()));
      Optional<ProxyAdminServer> admin =
          bootstrap.admin().isPresent()
              ? Optional.of(
                  ProxyAdminServer.of(engine, proxy, settings.clock(), bootstrap.admin().get()))
              : Optional.empty();
      return new StaticProxy(engine, proxy, admin);
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /** Where each listener's socket is, by the listener's name. */
  public Map<String, InetSocketAddress> listening() {
    var all = new LinkedHashMap<String, InetSocketAddress>();
    for (String listener : proxy.resources().listeners().keySet()) {
      proxy.boundAddress(listener).ifPresent(at -> all.put(listener, at));
    }
    return all;
  }

  /** Where its figures are; empty where the bootstrap has no {@code admin}. */
  public Optional<InetSocketAddress> admin() {
    return admin.map(ProxyAdminServer::address);
  }

  /** Takes no more connections and waits for the requests under way, at most so long. */
  public void drain(Duration within) {
    engine.drain(within);
  }

  private static <R extends XdsResource> List<R> all(StaticBootstrap bootstrap, Class<R> type) {
    return bootstrap.resources().stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public void close() {
    admin.ifPresent(ProxyAdminServer::close);
    engine.close();
  }
}
