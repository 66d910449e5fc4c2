package io.selvage.proxy;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.selvage.proxy.accept.ChainTable;
import io.selvage.proxy.accept.InboundPipeline;
import io.selvage.proxy.accept.Listeners;
import io.selvage.proxy.accept.WorkloadReports;
import io.selvage.proxy.http.RouteTables;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.tls.FileSecrets;
import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.Sockets;
import io.selvage.proxy.upstream.Clusters;
import io.selvage.proxy.upstream.Upstreams;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy of one workload: its listeners, its key material and what it was told last. A new
 * configuration is compiled whole before any of it is used; what fails to compile or bind leaves
 * the last good one in place.
 */
public final class WorkloadProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkloadProxy.class);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final int SWEEP_SECONDS = 5;
  private static final int BACKLOG = 4096;
  private static final int CLOSING_SECONDS = 2;

  private record Bound(InetSocketAddress wanted, Channel channel) {}

  private final ProxyEngine engine;
  private final WorkloadSpec spec;
  private final KeyMaterial material = new KeyMaterial();
  private final TlsContexts tls;
  private final Sockets sockets;
  private final Clusters clusters;
  private final RouteTables routes;
  private final ChainCompiler compiler;
  private final Reporting rejected;
  private final Map<String, Bound> bound = new HashMap<>();
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final Map<Listener, ChainTable> compiled = new HashMap<>();
  private final io.netty.util.concurrent.Future<?> sweeping;
  private volatile Listeners listeners = new Listeners(Map.of());
  private volatile ProxyResources resources = ProxyResources.NONE;
  private volatile @Nullable AdsClient followed;

  WorkloadProxy(ProxyEngine engine, WorkloadSpec spec) {
    this.engine = engine;
    this.spec = spec;
    this.tls = new TlsContexts(material, engine.clock());
    this.sockets =
        new Sockets(
            engine.transport(),
            spec.namespace(),
            spec.capture() ? OptionalInt.of(Sockets.ISTIO_MARK) : OptionalInt.empty());
    this.clusters =
        new Clusters(
            new Upstreams(
                engine.loops(), sockets, tls, System::nanoTime, ProxyEngine.randomBelow()));
    this.routes = new RouteTables(clusters);
    this.compiler =
        new ChainCompiler(
            spec.name(),
            tls,
            clusters,
            routes,
            new WorkloadReports(engine.metrics(), spec.workload()),
            engine.accessLogs(),
            spec.console(),
            engine.denials(),
            engine.clock());
    this.rejected = compiler.reporting(Optional.empty());
    this.sweeping =
        engine
            .loops()
            .group()
            .scheduleAtFixedRate(clusters::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  /** Who it is. */
  public WorkloadSpec spec() {
    return spec;
  }

  /** Its keys, chains and roots. */
  public KeyMaterial keyMaterial() {
    return material;
  }

  /** What it was told last and has taken. */
  public ProxyResources resources() {
    return resources;
  }

  /** Says by whom it is told what to do, so that its administrator can be told. */
  public void follows(AdsClient client) {
    followed = client;
  }

  /** By whom it is told what to do; empty: by a file. */
  public Optional<AdsClient> followed() {
    return Optional.ofNullable(followed);
  }

  /** Where a listener is bound; empty when it is not. */
  public synchronized Optional<InetSocketAddress> boundAddress(String listener) {
    return Optional.ofNullable(bound.get(listener))
        .map(at -> (InetSocketAddress) at.channel().localAddress());
  }

  /**
   * Puts a whole configuration in place: the files that it names, clusters and routes first, so
   * that no listener names what is not there, then listeners; connections whose chain is gone are
   * drained. Blocks until sockets are bound; not for event loops.
   *
   * @throws IOException when a listener's address can't be bound: everything else is in place, the
   *     others listen
   */
  public synchronized void apply(ProxyResources next) throws IOException {
    Map<String, ChainTable> tables = new HashMap<>();
    Map<Listener, ChainTable> fresh = new HashMap<>();
    Map<String, ChainTable> last = listeners.byName();
    for (Listener listener : next.listeners().values()) {
      ChainTable known = compiled.get(listener);
      ChainTable table =
          known != null ? known : compiler.compile(listener, last.get(listener.name()));
      tables.put(listener.name(), table);
      fresh.put(listener, table);
    }
    Clusters.check(next.clusters(), next.endpoints());
    List<Secret> files = FileSecrets.changed(next.tlsSettings(), material.current());
    if (!files.isEmpty()) {
      material.putAll(files);
    }
    Runnable letGo = clusters.update(next.clusters(), next.endpoints());
    routes.update(next.routes());
    Listeners before = listeners;
    listeners = new Listeners(tables);
    compiled.clear();
    compiled.putAll(fresh);
    succeed(before, tables);
    Set<TlsSettings> needed = new HashSet<>(next.tlsSettings());
    needed.addAll(clusters.tlsSettings());
    tls.keepOnly(needed);
    letGoLater(letGo);
    unbind(next);
    bind(next);
    resources = next;
  }

  /** Connections that end are still served where they lead. */
  private void letGoLater(Runnable letGo) {
    unwatched(engine.loops().group().schedule(letGo, DRAIN.toMillis(), TimeUnit.MILLISECONDS));
  }

  private static void succeed(Listeners before, Map<String, ChainTable> tables) {
    before
        .byName()
        .forEach(
            (name, old) -> {
              ChainTable table = tables.get(name);
              if (table == null) {
                var _ = old.drain(DRAIN);
              } else if (table != old) {
                table.replace(old, DRAIN);
              }
            });
  }

  private void unbind(ProxyResources next) {
    bound
        .entrySet()
        .removeIf(
            entry -> {
              Listener listener = next.listeners().get(entry.getKey());
              boolean gone =
                  listener == null
                      || !listener.bindToPort()
                      || !address(listener).equals(entry.getValue().wanted());
              if (gone) {
                entry.getValue().channel().close().awaitUninterruptibly();
              }
              return gone;
            });
  }

  private void bind(ProxyResources next) throws IOException {
    IOException failure = null;
    for (Listener listener : next.listeners().values()) {
      if (listener.bindToPort() && !bound.containsKey(listener.name())) {
        try {
          bind(listener);
        } catch (IOException e) {
          LOG.error("{}: {}", spec.name(), e.getMessage());
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void bind(Listener listener) throws IOException {
    InetSocketAddress wanted = address(listener);
    InboundPipeline.Entry entry =
        new InboundPipeline.Entry(
            listener.name(), () -> listeners, destination(listener), rejected, engine.clock());
    ChannelFuture bind =
        new ServerBootstrap()
            .group(engine.loops().group())
            .channelFactory(sockets::listening)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accepted.add(channel);
                    channel.pipeline().addLast("accept", new InboundPipeline(entry));
                  }
                })
            .bind(wanted)
            .awaitUninterruptibly();
    if (!bind.isSuccess()) {
      throw new IOException(
          "listener "
              + listener.name()
              + " cannot be bound to "
              + wanted
              + ": "
              + bind.cause().getMessage(),
          bind.cause());
    }
    bound.put(listener.name(), new Bound(wanted, bind.channel()));
  }

  private InetSocketAddress address(Listener listener) {
    WorkloadSpec.Binding binding = binding(listener);
    return binding == null
        ? new InetSocketAddress(listener.address(), listener.port())
        : binding.address();
  }

  private Optional<InetSocketAddress> destination(Listener listener) {
    WorkloadSpec.Binding binding = binding(listener);
    return binding == null ? Optional.empty() : binding.destination();
  }

  private WorkloadSpec.@Nullable Binding binding(Listener listener) {
    List<WorkloadSpec.Binding> all = spec.bindings();
    return all.stream().filter(b -> b.listener().equals(listener.name())).findFirst().orElse(null);
  }

  /**
   * Asks every connection to the workload to end with what is under way, those too that are yet to
   * come: whoever calls it finds another. What the workload itself calls goes on.
   *
   * @param within after that, they are closed
   */
  public void turnAway(Duration within) {
    listeners.byName().values().stream()
        .filter(table -> table.listener().direction() == Listener.Direction.INBOUND)
        .forEach(table -> table.drain(within));
  }

  /**
   * Stops listening and asks every connection to end with what is under way; what is open after
   * {@code within} is closed.
   *
   * @return when each connection is closed
   */
  synchronized List<ChannelFuture> drain(Duration within) {
    bound.values().forEach(at -> at.channel().close().awaitUninterruptibly());
    bound.clear();
    return listeners.byName().values().stream()
        .flatMap(table -> table.drain(within).stream())
        .toList();
  }

  /** Stops listening and lets connections go. */
  @Override
  public synchronized void close() {
    sweeping.cancel(false);
    var _ = drain(Duration.ZERO);
    // also those of which no chain knows yet, while there is a loop to let their bytes go
    accepted.close().awaitUninterruptibly(CLOSING_SECONDS, TimeUnit.SECONDS);
    engine.loops().awaitClosedHeard(); // each has its line in the log
    clusters.close();
    tls.close();
    spec.console().ifPresent(engine.accessLogs()::release);
    engine.forget(this);
  }
}
