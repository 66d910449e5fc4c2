package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.StaticProxy;
import io.selvage.proxy.admin.ProxyAdminServer;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.StaticBootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.event.Level;
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

  private static final Duration DRAIN = Duration.ofSeconds(5);

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
    LogRouting.toStandardError(Level.INFO);
    var settings = new ProxyEngine.Settings(transport, loops, InstantSource.system());
    try (var proxy = StaticProxy.start(bootstrap(), settings)) {
      proxy
          .listening()
          .forEach((name, at) -> SelvageCommand.print(spec, name + " listens on " + at));
      proxy
          .admin()
          .ifPresent(
              at ->
                  SelvageCommand.print(
                      spec, "metrics at http:/%s%s".formatted(at, ProxyAdminServer.METRICS)));
      returnWhatReadingTook();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> proxy.drain(DRAIN), "selvage-drain"));
      new CountDownLatch(1).await();
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reading a configuration takes several times the memory of keeping it. One full collection here,
   * when nothing is served yet, lets the heap shrink to what is kept.
   */
  private static void returnWhatReadingTook() {
    System.gc();
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
}
