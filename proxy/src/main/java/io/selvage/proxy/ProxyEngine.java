package io.selvage.proxy;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.selvage.proxy.telemetry.DenialRing;
import io.selvage.proxy.telemetry.MeshMetrics;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * A process that carries the proxies of any number of workloads on one set of event loops. Each has
 * its own identity, sockets and configuration; nothing of one is ever used for another.
 */
public final class ProxyEngine implements AutoCloseable {
  private static final int DENIALS_KEPT = 4096;
  private static final int COMPILERS_SECONDS = 5;

  /**
   * How a process runs.
   *
   * @param transport what carries the sockets
   * @param loops event loops, 1..
   * @param clock wall clock, for certificates and dates
   */
  public record Settings(Transport transport, int loops, InstantSource clock) {
    /** One loop for each processor, on epoll. */
    public static Settings standard() {
      return new Settings(
          Transport.EPOLL, Runtime.getRuntime().availableProcessors(), InstantSource.system());
    }
  }

  private final Settings settings;
  private final EventLoops loops;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final MeshMetrics metrics = new MeshMetrics(registry);
  private final DenialRing denials = new DenialRing(DENIALS_KEPT);
  private final AccessLogFiles accessLogs = new AccessLogFiles(metrics);
  private final Map<String, WorkloadProxy> workloads = new ConcurrentHashMap<>();

  /** Starts the loops. */
  public ProxyEngine(Settings settings) {
    this.settings = settings;
    this.loops = new EventLoops(settings.transport(), settings.loops());
    // the JIT starts and ends threads as it likes, so they are told again and again
    var _ =
        loops
            .group()
            .scheduleAtFixedRate(
                CompilerThreads::yieldToEventLoops, 0, COMPILERS_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Adds a workload's proxy; it listens once it is told where ({@link WorkloadProxy#apply}).
   *
   * @throws IllegalArgumentException when there is one of that name
   */
  public WorkloadProxy add(WorkloadSpec spec) {
    WorkloadProxy proxy = new WorkloadProxy(this, spec);
    if (workloads.putIfAbsent(spec.name(), proxy) != null) {
      proxy.close();
      throw new IllegalArgumentException("there is a workload " + spec.name() + " already");
    }
    return proxy;
  }

  void forget(WorkloadProxy proxy) {
    workloads.remove(proxy.spec().name(), proxy);
  }

  /** The workloads that are carried. */
  public List<WorkloadProxy> workloads() {
    return List.copyOf(workloads.values());
  }

  /** The workload of this name ({@code namespace/name}). */
  public Optional<WorkloadProxy> workload(String name) {
    return Optional.ofNullable(workloads.get(name));
  }

  /** The event loops. */
  public EventLoops loops() {
    return loops;
  }

  /** The metrics of all workloads. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** The latest denials of all workloads. */
  public DenialRing denials() {
    return denials;
  }

  MeshMetrics metrics() {
    return metrics;
  }

  AccessLogFiles accessLogs() {
    return accessLogs;
  }

  InstantSource clock() {
    return settings.clock();
  }

  Transport transport() {
    return settings.transport();
  }

  /** For balancing and back-off, where nobody gains by guessing. */
  static IntUnaryOperator randomBelow() {
    return bound -> ThreadLocalRandom.current().nextInt(bound);
  }

  /** For request ids, which need to be different and nothing more. */
  static LongSupplier randomBits() {
    return () -> ThreadLocalRandom.current().nextLong();
  }

  /**
   * Lets nobody in any more and waits until the requests that are under way have been answered, at
   * most so long. Not for event loops.
   */
  public void drain(Duration within) {
    long end = System.nanoTime() + within.toNanos();
    workloads().stream()
        .flatMap(workload -> workload.drain(within).stream())
        .toList()
        .forEach(closed -> closed.awaitUninterruptibly(end - System.nanoTime(), NANOSECONDS));
  }

  /** Closes all workloads and ends the loops. */
  @Override
  public void close() {
    workloads().forEach(WorkloadProxy::close);
    loops.close();
    accessLogs.close();
  }
}
