package io.selvage.cli.mesh;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.log.LogOutput;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.control.source.ConfigSource;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.pki.SpiffeId;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.dns.MeshDnsServer;
import io.selvage.proxy.dns.NameTable;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The real parts: this process's control planes, and a proxy engine for each cluster. */
public final class LiveParts implements PlaneParts {

  private static final int DNS_PORT = 53;

  private final KeyFetch keys;
  private final LiveSidecar.Shared shared;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-timer").factory());
  private final EventLoopGroup dns =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("selvage-dns", true), NioIoHandler.newFactory());
  private final Map<String, CarryingEngine> engines = new ConcurrentHashMap<>();
  private final Path logs;

  /**
   * Parts that are not started yet.
   *
   * @param keys how token keys are had
   * @param logs where proxies' access logs go that are configured as their standard output
   */
  public LiveParts(KeyFetch keys, Path logs, InstantSource clock, SecureRandom random) {
    this.keys = keys;
    this.logs = logs;
    this.shared = new LiveSidecar.Shared(timer, clock, random);
  }

  @Override
  public ClusterControl control(String cluster, ConfigSource source, ClusterCa ca)
      throws IOException {
    return LiveControl.start(cluster, source, ca, keys, shared.clock(), shared.random());
  }

  @Override
  public Sidecar sidecar(CarriedWorkload workload, ClusterControl control, ClusterCa ca)
      throws IOException {
    var spec = workload.spec();
    var engine = engine(spec.cluster());
    Optional<NetworkNamespace> namespace =
        workload.place().isPresent()
            ? Optional.of(NetworkNamespace.open(workload.place().get().path()))
            : Optional.empty();
    var console = new LogOutput(LogFolder.proxy(logs, spec.fileName()));
    var proxy =
        engine.add(
            new WorkloadSpec(
                spec.qualifiedName(),
                telemetry(workload, control),
                namespace,
                namespace.isPresent(),
                List.of(),
                Optional.of(console)));
    var owned = new ArrayList<AutoCloseable>(List.of(console));
    namespace.ifPresent(owned::add);
    try {
      owned.add(admin(workload, namespace, proxy));
    } catch (IOException e) {
      proxy.close();
      PlaneParts.closeAll(owned);
      throw e;
    }
    var sidecar = new LiveSidecar(workload, control, ca, proxy, engine.denials(), shared, owned);
    sidecar.start();
    return sidecar;
  }

  /** What Envoy's admin endpoint is in Istio's workloads, on the loopback of this one alone. */
  private ProxyAdminServer admin(
      CarriedWorkload workload, Optional<NetworkNamespace> namespace, WorkloadProxy proxy)
      throws IOException {
    String host = namespace.isPresent() ? "127.0.0.1" : workload.address();
    var at = new InetSocketAddress(InetAddress.ofLiteral(host), ProxyAdminServer.PORT);
    try {
      return namespace.isPresent()
          ? namespace.get().call(() -> ProxyAdminServer.ofWorkload(proxy, shared.clock(), at))
          : ProxyAdminServer.ofWorkload(proxy, shared.clock(), at);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the admin endpoint of " + workload.key() + " cannot be opened", e);
    }
  }

  /** The proxies of a cluster, with the endpoint that tells their figures. */
  private record CarryingEngine(ProxyEngine engine, ProxyAdminServer admin)
      implements AutoCloseable {
    @Override
    public void close() {
      admin.close();
      engine.close();
    }
  }

  private synchronized ProxyEngine engine(String cluster) throws IOException {
    CarryingEngine known = engines.get(cluster);
    if (known != null) {
      return known.engine();
    }
    var engine = new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, shared.clock()));
    try {
      var anyPort = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
      engines.put(cluster, new CarryingEngine(engine, ProxyAdminServer.ofEngine(engine, anyPort)));
      return engine;
    } catch (IOException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public Optional<String> metrics(String cluster) {
    return Optional.ofNullable(engines.get(cluster))
        .map(
            carrying ->
                "http://127.0.0.1:%d%s"
                    .formatted(carrying.admin().address().getPort(), ProxyAdminServer.METRICS));
  }

  private static Workload telemetry(CarriedWorkload workload, ClusterControl control) {
    var spec = workload.spec();
    String app = spec.labels().getOrDefault("app", spec.name());
    return new Workload(
        spec.name(),
        spec.namespace(),
        SpiffeId.workload(
                control.snapshot().meshConfig().trustDomain(),
                spec.namespace(),
                spec.serviceAccount())
            .toString(),
        app,
        spec.labels().getOrDefault("version", "unknown"),
        spec.cluster(),
        spec.labels().getOrDefault("service.istio.io/canonical-name", app),
        spec.labels().getOrDefault("service.istio.io/canonical-revision", "latest"));
  }

  @Override
  public AutoCloseable names(CarriedWorkload workload, ClusterControl control) throws IOException {
    var opened = new ArrayList<AutoCloseable>();
    var table = new Names(control, workload.spec().namespace());
    for (var place :
        List.of(workload.place(), workload.proxyPlace()).stream()
            .flatMap(Optional::stream)
            .toList()) {
      var namespace = NetworkNamespace.open(place.path());
      opened.add(namespace);
      opened.add(
          MeshDnsServer.start(
              dns,
              () -> inside(namespace, NioDatagramChannel::new),
              () -> inside(namespace, NioServerSocketChannel::new),
              new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), DNS_PORT),
              table));
    }
    return () -> PlaneParts.closeAll(opened);
  }

  private static <T> T inside(NetworkNamespace namespace, Callable<T> socket) {
    try {
      return namespace.call(socket);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ChannelException(e);
    }
  }

  @Override
  public void close() {
    engines.values().forEach(CarryingEngine::close);
    var _ = dns.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    timer.shutdownNow();
  }

  /** What a namespace's workloads may ask for, made anew when the services are others. */
  private static final class Names implements Supplier<NameTable> {
    private final ClusterControl control;
    private final String namespace;
    private volatile Made made = new Made(Optional.empty(), NameTable.EMPTY);

    private record Made(Optional<ServiceRegistry> of, NameTable table) {}

    Names(ClusterControl control, String namespace) {
      this.control = control;
      this.namespace = namespace;
    }

    @Override
    public NameTable get() {
      var now = Optional.of(control.services());
      Made last = made;
      if (!last.of().equals(now)) {
        var builder = NameTable.builder();
        now.get()
            .names(namespace)
            .forEach(
                (name, addresses) ->
                    builder.host(name, addresses.stream().map(InetAddress::ofLiteral).toList()));
        last = new Made(now, builder.build());
        made = last;
      }
      return last.table();
    }
  }
}
