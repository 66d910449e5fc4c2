package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.httpbin.Httpbin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage httpbin}. */
@Command(
    name = "httpbin",
    description = {
      "Serve HTTP in the manner of httpbin, as a workload to try policies on.",
      "%nPaths: /headers /ip /get /anything /status/N /delay/N /bytes/N /hostname"
    })
final class HttpbinCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--port", paramLabel = "N", description = "TCP port (default ${DEFAULT-VALUE}).")
  private int port = 8000;

  @Option(names = "--host", paramLabel = "IP", description = "Address (default ${DEFAULT-VALUE}).")
  private InetAddress host =
      InetAddress.ofLiteral(System.getenv().getOrDefault("SELVAGE_BIND", "0.0.0.0"));

  @Option(names = "--name", paramLabel = "NAME", description = "What X-Served-By says.")
  private String name = System.getenv().getOrDefault("SELVAGE_WORKLOAD", "httpbin");

  @Override
  public Integer call() throws InterruptedException {
    try (var httpbin = Httpbin.start(new InetSocketAddress(host, port), name)) {
      SelvageCommand.print(
          spec,
          "httpbin listens on %s:%d".formatted(host.getHostAddress(), httpbin.address().getPort()));
      new CountDownLatch(1).await();
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(
          ExitCode.USAGE, "httpbin cannot listen on " + host + ":" + port + ": " + e.getMessage());
    }
  }
}
