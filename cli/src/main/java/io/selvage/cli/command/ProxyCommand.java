package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.ProxyResources;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.StaticBootstrap;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage proxy}: one proxy from a file. */
@Command(
    name = "proxy",
    description = {
      "Run one proxy from an Envoy v3 bootstrap in JSON, with static resources only.",
      "What is not understood and could change a security decision is refused."
    })
final class ProxyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "The bootstrap.")
  private Path config = Path.of("");

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description = "Threads that serve connections (default: one for each processor).")
  private int loops = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--transport",
      paramLabel = "KIND",
      description = "epoll or io_uring (default ${DEFAULT-VALUE}).")
  private Transport transport = Transport.EPOLL;

  @Override
  public Integer call() throws InterruptedException {
    StaticBootstrap bootstrap = bootstrap();
    var settings = new ProxyEngine.Settings(transport, loops, InstantSource.system());
    try (var engine = new ProxyEngine(settings)) {
      String name = bootstrap.node().isEmpty() ? "proxy" : bootstrap.node();
      WorkloadProxy proxy = engine.add(WorkloadSpec.local(name, Workload.UNKNOWN, List.of()));
      proxy.keyMaterial().putAll(all(bootstrap, Secret.class));
      proxy.apply(
          ProxyResources.of(
              all(bootstrap, Listener.class), List.of(), all(bootstrap, Cluster.class), List.of()));
      for (Listener listener : all(bootstrap, Listener.class)) {
        proxy
            .boundAddress(listener.name())
            .ifPresent(at -> SelvageCommand.print(spec, listener.name() + " listens on " + at));
      }
      new CountDownLatch(1).await();
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private StaticBootstrap bootstrap() {
    try {
      return StaticBootstrap.read(config);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, config + " cannot be read: " + e.getMessage());
    } catch (StaticBootstrap.Refused e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static <R extends XdsResource> List<R> all(StaticBootstrap bootstrap, Class<R> type) {
    return bootstrap.resources().stream().filter(type::isInstance).map(type::cast).toList();
  }
}
