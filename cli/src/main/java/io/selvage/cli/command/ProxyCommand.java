package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.pod.PodEnvironment;
import io.selvage.cli.pod.PodSidecar;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.StaticProxy;
import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.join.JoinedProxy;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.StaticBootstrap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage proxy}: one proxy, from a file or under an istiod. */
@Command(
    name = "proxy",
    description = {
      "Run one proxy: from an Envoy v3 bootstrap in JSON, with static resources only, or as the"
          + " sidecar of a workload in an Istio mesh.",
      "What is not understood and could change a security decision is refused."
    })
final class ProxyCommand implements Callable<Integer> {

  private static final Duration DRAIN = Duration.ofSeconds(5);

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private From from = new From();

  /** One of the three. */
  private static final class From {
    @Option(
        names = {"-c", "--config"},
        paramLabel = "FILE",
        required = true,
        description = "The bootstrap.")
    private @Nullable Path config;

    @Option(
        names = "--in-pod",
        required = true,
        arity = "0..1",
        paramLabel = "TYPE",
        fallbackValue = "sidecar",
        description =
            "As the sidecar of the Pod that this runs in, as its environment says, or as the"
                + " gateway that the Pod is (router).")
    private JoinSettings.@Nullable Role inPod;

    @ArgGroup(exclusive = false)
    private @Nullable JoinOptions join;
  }

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description = "Threads that serve connections (default: one for each processor).")
  private Optional<Integer> loops = Optional.empty();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "trace, debug, info, warn or error (default ${DEFAULT-VALUE}).")
  private Level level = Level.INFO;

  @Option(
      names = "--transport",
      paramLabel = "KIND",
      description = "epoll or io_uring (default ${DEFAULT-VALUE}).")
  private Transport transport = Transport.EPOLL;

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(level);
    try {
      JoinOptions join = from.join;
      JoinSettings.Role inPod = from.inPod;
      if (inPod != null) {
        inPod(PodEnvironment.ofProcess(), inPod);
      } else if (join != null) {
        join(join, settings(0));
      } else {
        serve(Objects.requireNonNull(from.config, "one of the three"), settings(0));
      }
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private ProxyEngine.Settings settings(int wanted) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new ProxyEngine.Settings(
        transport, loops.orElse(wanted > 0 ? wanted : processors), InstantSource.system());
  }

  private void inPod(PodEnvironment pod, JoinSettings.Role role)
      throws IOException, InterruptedException {
    var settings = settings(pod.concurrency());
    try (var engine = new ProxyEngine(settings);
        var sidecar = PodSidecar.start(engine, pod, role, ProxyCommand::quit, settings.clock())) {
      announced(sidecar.joined());
      untilTheEnd(sidecar::end);
    }
  }

  /** By a thread of its own: the hook that lets connections go waits for the answer to be out. */
  private static void quit() {
    Thread.ofPlatform().name("selvage-quit").start(() -> System.exit(ExitCode.OK));
  }

  private void serve(Path config, ProxyEngine.Settings settings)
      throws IOException, InterruptedException {
    try (var proxy = StaticProxy.start(bootstrap(config), settings)) {
      proxy.listening().forEach(this::listens);
      proxy.admin().ifPresent(this::metrics);
      returnWhatReadingTook();
      untilTheEnd(() -> proxy.drain(DRAIN));
    }
  }

  private void join(JoinOptions options, ProxyEngine.Settings settings)
      throws IOException, InterruptedException {
    Optional<Path> netns = options.netns();
    try (var engine = new ProxyEngine(settings);
        var place = netns.isPresent() ? NetworkNamespace.open(netns.get()) : null;
        var joined =
            JoinedProxy.start(
                engine,
                options.settings(),
                JoinedProxy.Certificates.DEFAULT,
                Optional.ofNullable(place),
                settings.clock())) {
      Optional<InetSocketAddress> at = options.admin();
      if (at.isPresent()) {
        // the engine's end is the process's
        metrics(ProxyAdminServer.of(engine, joined.proxy(), settings.clock(), at.get()).address());
      }
      announced(joined);
      untilTheEnd(() -> engine.drain(DRAIN));
    }
  }

  private void announced(JoinedProxy joined) {
    var _ =
        joined
            .ready()
            .thenRun(
                () ->
                    joined
                        .proxy()
                        .resources()
                        .listeners()
                        .keySet()
                        .forEach(
                            name ->
                                joined
                                    .proxy()
                                    .boundAddress(name)
                                    .ifPresent(bound -> listens(name, bound))));
  }

  private void listens(String name, InetSocketAddress at) {
    SelvageCommand.print(spec, name + " listens on " + at);
  }

  private void metrics(InetSocketAddress at) {
    SelvageCommand.print(spec, "metrics at http:/%s%s".formatted(at, ProxyAdminServer.METRICS));
  }

  /** What is done at the end, as long as it takes. */
  private interface End {
    void run() throws InterruptedException;
  }

  private static void untilTheEnd(End end) throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    end.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "selvage-drain"));
    new CountDownLatch(1).await();
  }

  /**
   * Reading a configuration takes several times the memory of keeping it. One full collection here,
   * when nothing is served yet, lets the heap shrink to what is kept.
   */
  private static void returnWhatReadingTook() {
    System.gc();
  }

  private static StaticBootstrap bootstrap(Path config) {
    try {
      return StaticBootstrap.read(config);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, config + " cannot be read: " + e.getMessage());
    } catch (StaticBootstrap.Refused e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
